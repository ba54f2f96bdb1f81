//! What a test binary says it holds.

/// Whether the output of a test binary's `--list` names a test: running none counts as passing there.
pub(crate) fn names_a_test(list: &str) -> bool {
    list.lines().any(|line| line.ends_with(": test"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_without_a_test_is_told_from_one_with_tests() {
        assert!(names_a_test("story::deny: test\n\n1 test, 0 benchmarks\n"));
        assert!(!names_a_test("\n0 tests, 0 benchmarks\n"));
    }
}
