//! Tests against the running stack.
