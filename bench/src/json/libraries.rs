//! The same members by other libraries, each in the fastest of the ways that it offers for this.

/// Documents as a type that has the wanted members only, by a library that reads such types.
pub(super) mod typed {
    use std::marker::PhantomData;

    use anyhow::Result;
    use serde::Deserialize;

    use super::super::{Documents, Member, Reader, Shape};

    /// A library that reads types of serde. It validates what is ignored all the same.
    pub(in super::super) trait Library {
        /// # Errors
        /// The document is not valid, or is not of that type.
        fn parse<'a, T: Deserialize<'a>>(document: &'a [u8]) -> Result<T>;
    }

    /// serde_json, in one pass.
    #[derive(Debug)]
    pub(in super::super) struct SerdeJson;

    impl Library for SerdeJson {
        fn parse<'a, T: Deserialize<'a>>(document: &'a [u8]) -> Result<T> {
            Ok(serde_json::from_slice(document)?)
        }
    }

    /// sonic-rs.
    #[derive(Debug)]
    pub(in super::super) struct Sonic;

    impl Library for Sonic {
        fn parse<'a, T: Deserialize<'a>>(document: &'a [u8]) -> Result<T> {
            Ok(sonic_rs::from_slice(document)?)
        }
    }

    /// Documents, the type that they are read as, and the library.
    #[derive(Debug)]
    pub(in super::super) struct Whole<'d, L, S> {
        documents: &'d Documents,
        kinds: PhantomData<(L, S)>,
    }

    impl<'d, L, S> Whole<'d, L, S> {
        pub(in super::super) fn new(documents: &'d Documents) -> Self {
            Self { documents, kinds: PhantomData }
        }
    }

    impl<L: Library, S: Shape> Reader for Whole<'_, L, S> {
        fn read(&mut self, tell: &mut impl FnMut(Member<'_>)) -> Result<()> {
            for value in &self.documents.values {
                S::tell(&L::parse(value)?, tell);
            }
            Ok(())
        }
    }
}

/// sonic-rs, as far as the last wanted member.
pub(super) mod sonic {
    use anyhow::{Context as _, Result};
    use sonic_rs::{JsonValueTrait as _, PointerTree};

    use super::super::{Documents, Member, Reader, Shape};

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
