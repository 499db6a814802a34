//! Which generation made which output, by the header that `stamp_generation` names.

/// Digits of a digest that stand in the header.
const DIGITS: usize = 12;

/// What the generations that served made of the records of a load.
pub(crate) struct Lineage {
    /// Their stamps in the order in which they served; one may stand there more than once.
    order: Vec<String>,
    /// By source partition and sequence, the first place in `order` of the stamp of the output.
    made: Vec<Vec<Option<u32>>>,
    pub(crate) duplicates: u64,
}

impl Lineage {
    /// Of generations with these digests, in the order in which they served.
    pub(crate) fn new(digests: &[String], partitions: i32) -> Self {
        let order = digests.iter().map(|digest| stamp(digest).to_owned()).collect();
        Self { order, made: vec![Vec::new(); partitions as usize], duplicates: 0 }
    }

    /// Takes one output of the record `seq` of a source partition; returns the first place in the order at which its
    /// generation served. Panics where it never did.
    pub(crate) fn add(&mut self, (partition, seq): (i32, u64), stamp: &str) -> usize {
        let first = self.order.iter().position(|one| one == stamp);
        let first = first.unwrap_or_else(|| panic!("record {partition}:{seq} was made by {stamp}, which never served"));
        let (made, seq) = (&mut self.made[partition as usize], seq as usize);
        if made.len() <= seq {
            made.resize(seq + 1, None);
        }
        self.duplicates += u64::from(made[seq].is_some());
        made[seq] = Some(first as u32);
        first
    }

    /// How many of the `sent` records have no output.
    pub(crate) fn lost(&self, sent: u64) -> u64 {
        sent - self.made.iter().flatten().flatten().count() as u64
    }

    /// How many outputs each generation made. Panics where one was made by a generation that had been replaced before a
    /// record in front of it was made.
    pub(crate) fn used(&self) -> Vec<u64> {
        let mut used = vec![0; self.order.len()];
        for (partition, made) in self.made.iter().enumerate() {
            let mut at = 0;
            for (seq, first) in made.iter().enumerate().filter_map(|(seq, first)| Some((seq, (*first)? as usize))) {
                let stamp = &self.order[first];
                let found = self.order[at..].iter().position(|one| one == stamp);
                at += found.unwrap_or_else(|| panic!("record {partition}:{seq}: generation {first} after {at}"));
                used[at] += 1;
            }
        }
        used
    }
}

/// What stands in the header for a digest.
pub(crate) fn stamp(digest: &str) -> &str {
    &digest[..DIGITS]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stamps of the first records of one partition, made while generations `a`, `b`, `a` and `c` served.
    fn lineage(stamps: &[(u64, char)]) -> Lineage {
        let digest = |name: char| name.to_string().repeat(64);
        let mut lineage = Lineage::new(&['a', 'b', 'a', 'c'].map(digest), 1);
        stamps.iter().for_each(|(seq, name)| {
            lineage.add((0, *seq), stamp(&digest(*name)));
        });
        lineage
    }

    #[test]
    fn outputs_are_counted_by_the_generation_that_made_them() {
        let lineage = lineage(&[(0, 'a'), (1, 'b'), (2, 'b'), (3, 'a'), (5, 'c'), (5, 'c')]);
        assert_eq!(lineage.used(), [1, 2, 1, 1]);
        assert_eq!((lineage.lost(6), lineage.duplicates), (1, 1));
    }

    #[test]
    #[should_panic(expected = "generation 1 after 2")]
    fn an_output_of_a_generation_that_had_been_replaced_is_found() {
        lineage(&[(0, 'a'), (1, 'b'), (2, 'a'), (3, 'b')]).used();
    }

    #[test]
    #[should_panic(expected = "never served")]
    fn an_output_of_no_generation_is_found() {
        lineage(&[(0, 'd')]);
    }
}
