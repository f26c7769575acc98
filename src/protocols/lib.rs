//! Every small protocol, by name. A protocol is a folder here; one line in [`ALL`] makes it known to the command line.
#![deny(missing_docs)]

use dhcpfo_study::Registry;

/// All of them.
pub static ALL: Registry = Registry(&[
    &dhcpfo_fischer::FAMILY,
    &dhcpfo_kea_ha::FAMILY,
    &dhcpfo_lf2::FAMILY,
    &dhcpfo_resource_sharing::FAMILY,
    &dhcpfo_split_scope::FAMILY,
]);
