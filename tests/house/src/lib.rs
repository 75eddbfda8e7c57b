//! House rules, checked by the tests of this package.
