//! built-ins
