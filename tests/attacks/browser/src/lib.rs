//! Nothing but tests: the attacks for which a page or a server is needed.
