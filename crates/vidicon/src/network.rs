//! Networks in the notation `192.0.2.0/24` or `2001:db8::/32`.

use std::net::IpAddr;

/// Is the address in the network? Nothing when the text names none.
pub fn contains(network: &str, address: IpAddr) -> Option<bool> {
    let (start, length) = match network.split_once('/') {
        Some((start, length)) => (start, Some(length.parse::<u32>().ok()?)),
        None => (network, None),
    };
    let start: IpAddr = start.trim().parse().ok()?;
    let (start, address, bits) = match (start.to_canonical(), address.to_canonical()) {
        (IpAddr::V4(start), IpAddr::V4(address)) => (
            u128::from(start.to_bits()),
            u128::from(address.to_bits()),
            32,
        ),
        (IpAddr::V6(start), IpAddr::V6(address)) => (start.to_bits(), address.to_bits(), 128),
        (IpAddr::V4(_), IpAddr::V6(_)) => return length_fits(length, 32).then_some(false),
        (IpAddr::V6(_), IpAddr::V4(_)) => return length_fits(length, 128).then_some(false),
    };
    if !length_fits(length, bits) {
        return None;
    }
    let rest = bits - length.unwrap_or(bits);
    Some(start.checked_shr(rest).unwrap_or(0) == address.checked_shr(rest).unwrap_or(0))
}

fn length_fits(length: Option<u32>, bits: u32) -> bool {
    length.is_none_or(|length| length <= bits)
}

/// Is the address in one of these networks?
pub fn any_contains(networks: &[String], address: IpAddr) -> bool {
    networks
        .iter()
        .any(|network| contains(network, address) == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_in_their_networks() {
        for (network, address, wanted) in [
            ("192.0.2.0/24", "192.0.2.77", Some(true)),
            ("192.0.2.0/24", "192.0.3.1", Some(false)),
            ("192.0.2.7", "192.0.2.7", Some(true)),
            ("0.0.0.0/0", "203.0.113.9", Some(true)),
            ("::/0", "2001:db8::1", Some(true)),
            ("2001:db8::/32", "2001:db8:ffff::1", Some(true)),
            ("2001:db8::/32", "2001:db9::1", Some(false)),
            ("192.0.2.0/24", "2001:db8::1", Some(false)),
            ("192.0.2.0/24", "::ffff:192.0.2.5", Some(true)),
            ("192.0.2.0/33", "192.0.2.1", None),
            ("nonsense", "192.0.2.1", None),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(contains(network, address), wanted, "{network} {address}");
        }
    }
}
