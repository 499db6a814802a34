//! The same members by other libraries, each in the fastest of the ways that it offers for this.

/// One pass of serde_json; what is not wanted is ignored, and validated all the same.
pub(super) mod serde {
    use std::marker::PhantomData;

    use anyhow::Result;

    use super::super::{Documents, Member, Reader, Shape};

    /// Documents as a type that has the wanted members only.
    #[derive(Debug)]
    pub(in super::super) struct Whole<'d, S> {
        documents: &'d Documents,
        shape: PhantomData<S>,
    }

    impl<'d, S> Whole<'d, S> {
        pub(in super::super) fn new(documents: &'d Documents) -> Self {
            Self { documents, shape: PhantomData }
        }
    }

    impl<S: Shape> Reader for Whole<'_, S> {
        fn read(&mut self, tell: &mut impl FnMut(Member<'_>)) -> Result<()> {
            for value in &self.documents.values {
                S::tell(&serde_json::from_slice(value)?, tell);
            }
            Ok(())
        }
    }
}

/// sonic-rs.
pub(super) mod sonic {
    use std::marker::PhantomData;

    use anyhow::{Context as _, Result};
    use sonic_rs::{JsonValueTrait as _, PointerTree};

    use super::super::{Documents, Member, Reader, Shape};

    /// As with serde_json.
    #[derive(Debug)]
    pub(in super::super) struct Whole<'d, S> {
        documents: &'d Documents,
        shape: PhantomData<S>,
    }

    impl<'d, S> Whole<'d, S> {
        pub(in super::super) fn new(documents: &'d Documents) -> Self {
            Self { documents, shape: PhantomData }
        }
    }

    impl<S: Shape> Reader for Whole<'_, S> {
        fn read(&mut self, tell: &mut impl FnMut(Member<'_>)) -> Result<()> {
            for value in &self.documents.values {
                S::tell(&sonic_rs::from_slice(value)?, tell);
            }
            Ok(())
        }
    }

    /// `get_many`, which validates what it passes and ends behind the last wanted member.
    #[derive(Debug)]
    pub(in super::super) struct First<'d> {
        documents: &'d Documents,
        tree: PointerTree,
        are_ints: Vec<bool>,
    }

    impl<'d> First<'d> {
        pub(in super::super) fn new<S: Shape>(documents: &'d Documents) -> Self {
            let mut tree = PointerTree::new();
            for (pointer, _) in S::POINTERS {
                tree.add_path(&pointer.split('/').skip(1).collect::<Vec<_>>());
            }
            Self { documents, tree, are_ints: S::POINTERS.iter().map(|(_, is_int)| *is_int).collect() }
        }
    }

    impl Reader for First<'_> {
        fn read(&mut self, tell: &mut impl FnMut(Member<'_>)) -> Result<()> {
            for value in &self.documents.values {
                let found = sonic_rs::get_many(value.as_slice(), &self.tree)?;
                for (value, is_int) in found.iter().zip(&self.are_ints) {
                    let value = value.as_ref().context("a member is missing")?;
                    tell(if *is_int {
                        Member::Int(value.as_i64().context("a member is no integer")?)
                    } else {
                        Member::Text(value.as_str().context("a member is no text")?.as_bytes())
                    });
                }
            }
            Ok(())
        }
    }
}

/// simd-json.
pub(super) mod simd {
    use std::{fmt, marker::PhantomData};

    use anyhow::{Context as _, Result};
    use simd_json::{Buffers, INPUT_PADDING, prelude::ValueAsScalar as _};

    use super::super::{Documents, Member, Reader, Shape};

    /// A tape, which writes into the document: each is copied first, into memory that is used again as all of it is.
    pub(in super::super) struct Tape<'d, S> {
        documents: &'d Documents,
        buffers: Buffers,
        tape: simd_json::Tape<'static>,
        copy: Vec<u8>,
        shape: PhantomData<S>,
    }

    impl<S> fmt::Debug for Tape<'_, S> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Tape").finish_non_exhaustive()
        }
    }

    impl<'d, S> Tape<'d, S> {
        pub(in super::super) fn new(documents: &'d Documents) -> Self {
            Self {
                documents,
                buffers: Buffers::default(),
                tape: simd_json::Tape::null(),
                copy: Vec::new(),
                shape: PhantomData,
            }
        }
    }

    impl<S: Shape> Reader for Tape<'_, S> {
        fn read(&mut self, tell: &mut impl FnMut(Member<'_>)) -> Result<()> {
            for value in &self.documents.values {
                self.copy.clear();
                self.copy.extend_from_slice(value);
                self.copy.resize(value.len() + INPUT_PADDING, 0);
                let mut tape = std::mem::replace(&mut self.tape, simd_json::Tape::null()).reset();
                simd_json::fill_tape_padded(&mut self.copy, value.len(), &mut self.buffers, &mut tape)?;
                for (pointer, is_int) in S::POINTERS {
                    let mut found = Some(tape.as_value());
                    for token in pointer.split('/').skip(1) {
                        found = found.and_then(|value| value.get(token));
                    }
                    let found = found.context("a member is missing")?;
                    tell(if *is_int {
                        Member::Int(found.as_i64().context("a member is no integer")?)
                    } else {
                        Member::Text(found.as_str().context("a member is no text")?.as_bytes())
                    });
                }
                self.tape = tape.reset();
            }
            Ok(())
        }
    }
}
