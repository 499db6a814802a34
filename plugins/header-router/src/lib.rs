//! The `header-router` interceptor.
