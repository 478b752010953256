//! What a month's use costs: price tables of providers, and the sum.

use super::Usage;
use crate::instance::settings::Costs;
use schemars::JsonSchema;
use serde::Serialize;

const GB: f64 = 1e9;
const MILLION: f64 = 1e6;

/// Prices as they hold on this site. Gigabytes are of a thousand million bytes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Table {
    pub currency: &'static str,
    /// Each month, whatever is used.
    pub base: f64,
    pub included_storage_gb: f64,
    pub storage_gb: f64,
    pub included_egress_gb: f64,
    /// So many times what is stored may leave the bucket for nothing.
    pub free_egress_ratio: f64,
    pub egress_gb: f64,
    pub included_writes: f64,
    pub writes_million: f64,
    pub included_reads: f64,
    pub reads_million: f64,
    pub server_base: f64,
    pub server_included_gb: f64,
    pub server_egress_gb: f64,
}

/// Where the money goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Bill {
    pub base: f64,
    pub storage: f64,
    pub egress: f64,
    pub requests: f64,
    /// What leaves the machine itself.
    pub server: f64,
    pub total: f64,
}

const NOTHING: Table = Table {
    currency: "USD",
    base: 0.0,
    included_storage_gb: 0.0,
    storage_gb: 0.0,
    included_egress_gb: 0.0,
    free_egress_ratio: 0.0,
    egress_gb: 0.0,
    included_writes: 0.0,
    writes_million: 0.0,
    included_reads: 0.0,
    reads_million: 0.0,
    server_base: 0.0,
    server_included_gb: 0.0,
    server_egress_gb: 0.0,
};

/// List prices without tax, as the providers published them in 2025. They change: an administrator writes what
/// the own bill says.
pub fn preset(provider: &str) -> Table {
    match provider {
        // Spaces: 5 for 250 GiB and 1 TiB out, then 0.02 and 0.01 for a GiB; droplets 0.01 for a GiB.
        "digitalocean" => Table {
            base: 5.0,
            included_storage_gb: 268.4,
            storage_gb: 0.0186,
            included_egress_gb: 1099.5,
            egress_gb: 0.0093,
            server_egress_gb: 0.0093,
            ..NOTHING
        },
        // B2: 6 for a TB, three times what is stored out for nothing; 0.004 for 10,000 reads.
        "backblaze" => Table {
            storage_gb: 0.006,
            included_storage_gb: 10.0,
            free_egress_ratio: 3.0,
            egress_gb: 0.01,
            included_reads: 75_000.0,
            reads_million: 0.4,
            ..NOTHING
        },
        // A terabyte at least, nothing for requests; egress is not billed but shall not exceed what is stored.
        "wasabi" => Table {
            base: 6.99,
            included_storage_gb: 1000.0,
            storage_gb: 0.00699,
            ..NOTHING
        },
        // R2: nothing for egress.
        "cloudflare" => Table {
            included_storage_gb: 10.0,
            storage_gb: 0.015,
            included_writes: MILLION,
            writes_million: 4.5,
            included_reads: 10.0 * MILLION,
            reads_million: 0.36,
            ..NOTHING
        },
        // S3 Standard in us-east-1.
        "aws" => Table {
            storage_gb: 0.023,
            included_egress_gb: 100.0,
            egress_gb: 0.09,
            writes_million: 5.0,
            reads_million: 0.4,
            ..NOTHING
        },
        // Object Storage: 4.99 for a TB and a TB out; 20 TB out of a cloud server.
        "hetzner" => Table {
            currency: "EUR",
            base: 4.99,
            included_storage_gb: 1000.0,
            storage_gb: 0.00499,
            included_egress_gb: 1000.0,
            egress_gb: 0.001,
            server_included_gb: 20_000.0,
            server_egress_gb: 0.001,
            ..NOTHING
        },
        _ => NOTHING,
    }
}

/// The provider's prices with the administrator's own in their place.
pub fn table(costs: &Costs) -> Table {
    let preset = preset(&costs.provider);
    let own = |own: f64, preset: f64| if own < 0.0 { preset } else { own };
    let prices = &costs.prices;
    Table {
        base: own(prices.base, preset.base),
        included_storage_gb: own(prices.included_storage_gb, preset.included_storage_gb),
        storage_gb: own(prices.storage_gb, preset.storage_gb),
        included_egress_gb: own(prices.included_egress_gb, preset.included_egress_gb),
        egress_gb: own(prices.egress_gb, preset.egress_gb),
        writes_million: own(prices.writes_million, preset.writes_million),
        reads_million: own(prices.reads_million, preset.reads_million),
        server_base: own(prices.server_base, preset.server_base),
        server_included_gb: own(prices.server_included_gb, preset.server_included_gb),
        server_egress_gb: own(prices.server_egress_gb, preset.server_egress_gb),
        ..preset
    }
}

/// What lies in buckets is billed for the whole month at what lies there now.
pub fn bill(table: &Table, usage: &Usage, in_bucket_bytes: f64) -> Bill {
    let over = |used: f64, included: f64, price: f64| (used - included).max(0.0) * price;
    let stored_gb = in_bucket_bytes / GB;
    let free_gb = table
        .included_egress_gb
        .max(stored_gb * table.free_egress_ratio);
    let out_of_bucket = usage.given_bytes + usage.read_bytes;
    let out_of_server = usage.viewer_bytes + usage.server_bytes;
    let requests = over(
        usage.write_requests / MILLION,
        table.included_writes / MILLION,
        table.writes_million,
    ) + over(
        (usage.read_requests + usage.given_requests) / MILLION,
        table.included_reads / MILLION,
        table.reads_million,
    );
    let mut bill = Bill {
        base: table.base + table.server_base,
        storage: over(stored_gb, table.included_storage_gb, table.storage_gb),
        egress: over(out_of_bucket / GB, free_gb, table.egress_gb),
        requests,
        server: over(
            out_of_server / GB,
            table.server_included_gb,
            table.server_egress_gb,
        ),
        total: 0.0,
    };
    bill.total = bill.base + bill.storage + bill.egress + bill.requests + bill.server;
    bill
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::settings::Prices;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-6
    }

    #[test]
    fn what_is_included_costs_nothing_and_the_rest_is_added() {
        let mut usage = Usage::default();
        let table = preset("digitalocean");
        assert!(near(bill(&table, &usage, 200.0 * GB).total, 5.0));
        usage.given_bytes = 2099.5 * GB;
        let bill = bill(&table, &usage, 368.4 * GB);
        assert!(near(bill.egress, 9.3), "{bill:?}");
        assert!(near(bill.storage, 1.86), "{bill:?}");
        assert!(near(bill.total, 16.16), "{bill:?}");
    }

    #[test]
    fn egress_may_be_free_up_to_a_multiple_of_what_is_stored() {
        let usage = Usage {
            read_bytes: 400.0 * GB,
            read_requests: 1_075_000.0,
            ..Usage::default()
        };
        let bill = bill(&preset("backblaze"), &usage, 100.0 * GB);
        assert!(
            near(bill.egress, 1.0) && near(bill.requests, 0.4),
            "{bill:?}"
        );
    }

    #[test]
    fn own_prices_come_first() {
        let costs = Costs {
            provider: "aws".to_owned(),
            prices: Prices {
                egress_gb: 0.05,
                base: 0.0,
                ..Prices::default()
            },
            ..Costs::default()
        };
        let table = table(&costs);
        assert!(near(table.egress_gb, 0.05) && near(table.storage_gb, 0.023));
    }
}
