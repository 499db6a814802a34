//! The `header-enricher` interceptor.
