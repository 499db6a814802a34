//! The `mod-router` interceptor.
