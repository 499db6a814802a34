//! The `regex-extractor` interceptor.
