//! From what was said to what the interface says, as lists or packed.

use super::{Edits, LEAVE, headers::Header};
use crate::{
    bindings::types::{self, HeaderEdit, HeaderOp, IntColumn},
    packed::{Answer, Part},
};

impl Edits {
    /// Makes an entry of every row in what was written row by row.
    fn complete(&mut self) -> Result<(), String> {
        if let Some(mistake) = self.mistake.take() {
            return Err(mistake);
        }
        let rows = self.rows;
        fill(&mut self.routes, rows, LEAVE);
        fill(&mut self.partitions, rows, LEAVE);
        if !self.timestamps.is_empty() && (self.timestamps.len() < rows || !self.untimed.is_empty()) {
            self.untimed.resize(self.timestamps.len(), 0);
            fill(&mut self.timestamps, rows, 0);
            self.untimed.resize(rows, 1);
        }
        if self.untimed.iter().all(|&untimed| untimed == 0) {
            self.untimed.clear();
        }
        Ok(())
    }

    pub(crate) fn into_wit(mut self) -> Result<types::Edits, String> {
        self.complete()?;
        let rows = self.rows;
        let mut headers = Vec::with_capacity(self.edited);
        for Header { name, op, cells, .. } in self.headers.drain(..self.edited) {
            if op == HeaderOp::Append {
                let rounds = cells.into_appended(rows)?;
                headers.extend(rounds.into_iter().map(|cells| HeaderEdit { name: name.clone(), op, cells }));
            } else if let Some(cells) = cells.into_wit(rows)? {
                headers.push(HeaderEdit { name, op, cells });
            }
        }
        self.topics.truncate(self.named);
        Ok(types::Edits {
            expand: self.expand,
            verdicts: self.verdicts,
            reasons: if self.reasons.is_empty() { None } else { Some(self.reasons.into_whole_column(rows)?) },
            headers,
            key: self.key.into_wit(rows)?,
            value: self.value.into_wit(rows)?,
            timestamps: (!self.timestamps.is_empty())
                .then_some(IntColumn { values: self.timestamps, nulls: self.untimed }),
            route: (!self.routes.is_empty()).then_some(types::Routing { topics: self.topics, index: self.routes }),
            partitions: (!self.partitions.is_empty()).then_some(self.partitions),
        })
    }

    /// The same as a packed answer.
    pub(crate) fn pack(&mut self) -> Result<Vec<u8>, String> {
        self.complete()?;
        let rows = self.rows;
        let mut answer = Answer::with_room(self.answered);
        if let Some(expand) = &self.expand {
            answer.begin(Part::Expand);
            answer.list(expand);
        }
        if !self.verdicts.is_empty() {
            answer.begin(Part::Verdicts);
            answer.list(&self.verdicts);
        }
        if !self.reasons.is_empty() {
            answer.begin(Part::Reasons);
            let reasons = std::mem::take(&mut self.reasons).into_whole_column(rows)?;
            answer.column(&reasons.offsets, &reasons.nulls, &reasons.data);
        }
        self.pack_headers(&mut answer)?;
        for (part, cells) in [(Part::Key, &mut self.key), (Part::Value, &mut self.value)] {
            if !cells.is_empty() {
                answer.begin(part);
                cells.write(rows, &mut answer)?;
            }
        }
        if !self.timestamps.is_empty() {
            answer.begin(Part::Timestamps);
            answer.list(&self.timestamps);
            answer.list(&self.untimed);
        }
        if !self.routes.is_empty() {
            answer.begin(Part::Route);
            answer.routing(self.topics(), &self.routes);
        }
        if !self.partitions.is_empty() {
            answer.begin(Part::Partitions);
            answer.list(&self.partitions);
        }
        self.answered = answer.len();
        Ok(answer.finish())
    }

    fn pack_headers(&mut self, answer: &mut Answer) -> Result<(), String> {
        let rows = self.rows;
        let edits = self.headers.get_mut(..self.edited).unwrap_or_default();
        if edits.is_empty() {
            return Ok(());
        }
        answer.begin(Part::Headers);
        let (at, mut count) = (answer.len(), 0);
        answer.number(0);
        for Header { name, op, cells, column, .. } in edits {
            if let Some(column) = *column {
                answer.header(*op, name);
                answer.same_as(column);
                count += 1;
            } else if *op == HeaderOp::Append {
                for round in std::mem::take(cells).into_appended(rows)? {
                    answer.header(*op, name);
                    answer.cells(&round);
                    count += 1;
                }
            } else if !cells.is_empty() {
                answer.header(*op, name);
                cells.write(rows, answer)?;
                count += 1;
            }
        }
        answer.replace_number(at, count);
        Ok(())
    }
}

/// Makes an entry of every row, unless there is none at all.
fn fill<T: Copy>(entries: &mut Vec<T>, rows: usize, rest: T) {
    if !entries.is_empty() {
        entries.resize(rows, rest);
    }
}
