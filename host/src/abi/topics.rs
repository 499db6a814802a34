//! The topics of a routing.

/// Texts, one after the other in one allocation: a plugin may send a whole table with every answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topics {
    text: String,
    /// Where in `text` each ends.
    ends: Vec<u32>,
}

impl Topics {
    /// The topics that end there in `text`; none unless each end is one of a text, not before the one before it.
    pub fn new(text: String, ends: Vec<u32>) -> Option<Self> {
        let is_end = |end: &u32| text.is_char_boundary(*end as usize);
        (ends.is_sorted() && ends.iter().all(is_end)).then_some(Self { text, ends })
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// In their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| self.text.get(start as usize..*end as usize).unwrap_or_default())
    }
}

impl<T: AsRef<str>> FromIterator<T> for Topics {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        let mut topics = Self::default();
        for topic in all {
            topics.text.push_str(topic.as_ref());
            topics.ends.push(topics.text.len() as u32);
        }
        topics
    }
}

#[cfg(test)]
mod tests {
    use super::Topics;

    #[test]
    fn topics_are_those_that_went_in() {
        for all in [&[][..], &[""], &["a", "", "é", "bc"]] {
            let topics: Topics = all.iter().collect();
            assert_eq!((topics.iter().collect::<Vec<_>>(), topics.len()), (all.to_vec(), all.len()));
            assert_eq!(Topics::new(topics.text.clone(), topics.ends.clone()), Some(topics));
        }
    }

    #[test]
    fn ends_that_are_none_are_refused() {
        for (text, ends) in [("ab", &[2, 1][..]), ("ab", &[3]), ("é", &[1]), ("", &[u32::MAX])] {
            assert_eq!(Topics::new(text.to_owned(), ends.to_vec()), None, "{text} {ends:?}");
        }
    }
}
