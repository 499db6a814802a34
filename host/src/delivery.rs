//! Which offset of a partition may be committed: the one below which every record is settled.
//!
//! Pure bookkeeping, no Kafka. A [`Ledger`] has a book per partition and assignment. A batch of records is opened in
//! it when it leaves the queue and settled when each of its records is delivered, dead-lettered or dropped; the
//! watermark passes only over an unbroken run of settled batches. What belongs to an earlier assignment is ignored.

mod at_least_once;
mod range;

use std::collections::{BTreeMap, VecDeque};

pub use at_least_once::{Action, AtLeastOnce, Input, Offset, Outcome};
use range::Recorded;
pub use range::{Fates, Range};

/// One time that a partition was assigned: a batch that was read for another one is not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Assignment(u64);

/// What a batch is settled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    assignment: Assignment,
    number: u64,
}

/// An offset that may be committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The next record to read after a restart.
    pub offset: i64,
    /// The generation that the records below it went through, back to the commit before; 0 = none was read yet.
    pub generation: u64,
}

/// Records of one generation that are settled and not committed, up to `offset`.
#[derive(Debug)]
struct Settled {
    offset: i64,
    generation: u64,
    /// Nothing was read there.
    is_gap: bool,
    /// Of those of them that no [`Range`] was handed out for.
    fates: Fates,
}

impl Settled {
    fn due(&self) -> Due {
        Due { offset: self.offset, generation: self.generation }
    }
}

/// Why a batch was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOpened {
    /// The partition is not assigned any more, or was assigned anew since the batch was read: it belongs to nobody here.
    #[error("the partition is not assigned any more")]
    NotAssigned,
    /// The records do not follow what was opened before: one would be lost, or come twice.
    #[error("offset {found} does not follow {expected}")]
    OutOfOrder {
        /// The lowest offset that may come.
        expected: i64,
        /// What came.
        found: i64,
    },
}

#[derive(Debug)]
struct Open {
    end: i64,
    generation: u64,
    /// Nothing is read there.
    is_gap: bool,
    /// None until every record is settled.
    settled: Option<Fates>,
}

/// One partition's books during one assignment.
#[derive(Debug)]
struct Book {
    assignment: Assignment,
    /// The lowest offset that may be opened next.
    next: i64,
    /// Of what was opened last; 0 = nothing was yet.
    generation: u64,
    /// The number of the first entry of `open`.
    first: u64,
    open: VecDeque<Open>,
    /// What is settled and not committed, one for each generation and each gap, ascending.
    settled: VecDeque<Settled>,
    watermark: i64,
    /// Where the group stands, as far as that is known.
    committed: i64,
    /// How far it stands in the ledger topic, where there is one.
    recorded: Option<Recorded>,
}

impl Book {
    fn advance(&mut self) {
        while let Some(open) = self.open.pop_front_if(|open| open.settled.is_some()) {
            self.first += 1;
            self.watermark = open.end;
            let Open { end: offset, generation, is_gap, settled } = open;
            let fates = settled.unwrap_or_default();
            match self.settled.back_mut() {
                Some(last) if (last.generation, last.is_gap) == (generation, is_gap) => {
                    last.offset = offset;
                    last.fates.add(fates);
                }
                _ => self.settled.push_back(Settled { offset, generation, is_gap, fates }),
            }
        }
    }

    /// What may be committed: of the oldest generation, and where there is a ledger topic no more than stands there.
    fn due(&self) -> Option<Due> {
        let due = self.settled.front()?.due();
        let Some(recorded) = &self.recorded else { return Some(due) };
        let offset = due.offset.min(recorded.up_to());
        (offset == due.offset || offset > self.committed).then_some(Due { offset, ..due })
    }
}

/// The books of several partitions; `P` names a partition.
#[derive(Debug)]
pub struct Ledger<P> {
    books: BTreeMap<P, Book>,
    assignments: u64,
    /// Whether ranges are recorded in a ledger topic before they are committed.
    is_recording: bool,
}

impl<P> Default for Ledger<P> {
    fn default() -> Self {
        Self { books: BTreeMap::new(), assignments: 0, is_recording: false }
    }
}

impl<P: Ord + Clone> Ledger<P> {
    /// A partition is ours from `offset` on; an earlier assignment of it is forgotten.
    pub fn assign(&mut self, partition: P, offset: i64) -> Assignment {
        self.assignments += 1;
        let assignment = Assignment(self.assignments);
        let book = Book {
            assignment,
            next: offset,
            generation: 0,
            first: 0,
            open: VecDeque::new(),
            settled: VecDeque::new(),
            watermark: offset,
            committed: offset,
            recorded: self.is_recording.then(|| Recorded::up_to_beginning(offset)),
        };
        self.books.insert(partition, book);
        assignment
    }

    /// The records from where the partition is read to before `offset` are gone: they count as settled. The commit of them names
    /// the generation before them, since the group has read there.
    pub fn pass_over(&mut self, partition: &P, offset: i64) {
        let Some(book) = self.books.get_mut(partition).filter(|book| book.next < offset) else { return };
        book.next = offset;
        let settled = Some(Fates::default());
        book.open.push_back(Open { end: offset, generation: book.generation, is_gap: true, settled });
        book.advance();
    }

    /// The offset a partition begins at is to be committed before anything else: nothing was yet. It speaks of no
    /// generation, which is number 0.
    pub fn commit_beginning(&mut self, partition: &P) {
        if let Some(book) = self.books.get_mut(partition) {
            let fates = Fates::default();
            book.settled.push_front(Settled { offset: book.next, generation: 0, is_gap: true, fates });
        }
    }

    /// A partition is ours no more: what is settled later changes nothing. Returns what may still be committed, oldest
    /// first.
    pub fn revoke(&mut self, partition: &P) -> Vec<Due> {
        self.books.remove(partition).map_or_else(Vec::new, |book| book.settled.iter().map(Settled::due).collect())
    }

    /// Records `first..end`, read for `assignment`, left the queue; offsets between may be missing (compaction, control
    /// records).
    ///
    /// # Errors
    /// [`NotOpened`]; nothing was opened.
    pub fn open(
        &mut self,
        partition: &P,
        assignment: Assignment,
        first: i64,
        end: i64,
        generation: u64,
    ) -> Result<Ticket, NotOpened> {
        let book = self.books.get_mut(partition).filter(|book| book.assignment == assignment);
        let book = book.ok_or(NotOpened::NotAssigned)?;
        if first < book.next || end <= first {
            return Err(NotOpened::OutOfOrder { expected: book.next, found: first });
        }
        (book.next, book.generation) = (end, generation);
        let number = book.first + book.open.len() as u64;
        book.open.push_back(Open { end, generation, is_gap: false, settled: None });
        Ok(Ticket { assignment: book.assignment, number })
    }

    /// Every record of a batch is settled, and so. A ticket of an earlier assignment, or one used before, changes nothing.
    /// Returns whether the watermark moved.
    pub fn settle(&mut self, partition: &P, ticket: Ticket, fates: Fates) -> bool {
        let Some(book) = self.books.get_mut(partition) else { return false };
        if book.assignment != ticket.assignment {
            return false;
        }
        let Some(at) = ticket.number.checked_sub(book.first) else { return false };
        let Some(open) = book.open.get_mut(at as usize) else { return false };
        open.settled.get_or_insert(fates);
        let before = book.watermark;
        book.advance();
        book.watermark != before
    }

    /// Whether a batch that was opened is still to be settled; false for a ticket of an earlier assignment.
    pub fn is_open(&self, partition: &P, ticket: Ticket) -> bool {
        let Some(book) = self.books.get(partition).filter(|book| book.assignment == ticket.assignment) else {
            return false;
        };
        let at = ticket.number.checked_sub(book.first);
        at.and_then(|at| book.open.get(at as usize)).is_some_and(|open| open.settled.is_none())
    }

    /// What may be committed now, the oldest generation of each partition that has anything. Commit it, then say
    /// [`Self::committed`]: a later generation comes only after that, so that no commit speaks of two.
    pub fn due(&self) -> Vec<(P, Due)> {
        let due = |(partition, book): (&P, &Book)| Some((partition.clone(), book.due()?));
        self.books.iter().filter_map(due).collect()
    }

    /// Whether something of a partition is settled and not committed, be it due already or not.
    pub fn is_uncommitted(&self, partition: &P) -> bool {
        self.books.get(partition).is_some_and(|book| !book.settled.is_empty())
    }

    /// `offset` stands in the group, committed for `assignment`: what is due begins after it.
    pub fn committed(&mut self, partition: &P, assignment: Assignment, offset: i64) {
        let book = self.books.get_mut(partition).filter(|book| book.assignment == assignment);
        let Some(book) = book else { return };
        book.committed = book.committed.max(offset);
        while book.settled.pop_front_if(|settled| settled.offset <= offset).is_some() {}
    }

    /// The assignment that a partition is ours by.
    pub fn assignment(&self, partition: &P) -> Option<Assignment> {
        self.books.get(partition).map(|book| book.assignment)
    }

    /// The lowest offset that may come next.
    pub fn next(&self, partition: &P) -> Option<i64> {
        self.books.get(partition).map(|book| book.next)
    }

    /// The offset below which everything is settled.
    pub fn watermark(&self, partition: &P) -> Option<i64> {
        self.books.get(partition).map(|book| book.watermark)
    }

    /// Whether every batch opened of the partition is settled; also where it is not ours.
    pub fn is_settled(&self, partition: &P) -> bool {
        self.books.get(partition).is_none_or(|book| book.open.is_empty())
    }

    /// The partitions that are ours.
    pub fn partitions(&self) -> impl Iterator<Item = &P> {
        self.books.keys()
    }
}

#[cfg(test)]
mod tests;
