//! The `timestamp-fixer` interceptor.
