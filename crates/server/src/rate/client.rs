//! Whose requests are counted together.

use std::net::{IpAddr, Ipv6Addr};

/// One client of the rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Client {
    /// The position of its key among the server's keys.
    Key(usize),
    /// Its address, where no keys are set. A subscriber has a whole /64 of version 6, so that is
    /// one client.
    Peer(IpAddr),
}

impl Client {
    /// The client of a request that came from `peer` with the key at position `key`, if any.
    pub(crate) fn new(key: Option<usize>, peer: IpAddr) -> Self {
        match (key, peer.to_canonical()) {
            (Some(key), _) => Self::Key(key),
            (None, IpAddr::V6(address)) => {
                let network = u128::from(address) & !u128::from(u64::MAX);
                Self::Peer(Ipv6Addr::from(network).into())
            }
            (None, address) => Self::Peer(address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_counts_before_the_address_and_a_network_of_version_6_as_one() {
        let of = |key, peer: &str| Client::new(key, peer.parse().expect("an address"));
        assert_eq!(of(Some(1), "10.0.0.1"), of(Some(1), "10.0.0.2"));
        assert_ne!(of(None, "10.0.0.1"), of(None, "10.0.0.2"));
        assert_eq!(of(None, "2001:db8::1"), of(None, "2001:db8::ffff:1"));
        assert_ne!(of(None, "2001:db8::1"), of(None, "2001:db8:0:1::1"));
        assert_eq!(of(None, "::ffff:10.0.0.1"), of(None, "10.0.0.1"));
    }
}
