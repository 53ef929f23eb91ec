//! What an error rests on, for the log: its own message says what was being done, the chain of its
//! sources why that failed.

use std::error::Error;
use std::iter::successors;

/// The messages of an error's sources, the nearest first, with `: ` between; empty where it has
/// none.
///
/// For logs only: it may hold SQL, paths and what the server said.
pub fn causes(error: &dyn Error) -> String {
    let chain = successors(error.source(), |cause| (**cause).source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Step(&'static str, #[source] Option<Box<Self>>);

    #[test]
    fn the_whole_chain_is_told_without_the_error_itself() {
        let disk = Step("no room", None);
        let write = Step("cannot write", Some(Box::new(disk)));
        let keep = Step("cannot keep", Some(Box::new(write)));
        assert_eq!(causes(&keep), "cannot write: no room");
        assert_eq!(causes(&Step("alone", None)), "");
    }
}
