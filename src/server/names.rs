//! Which client a number means. Numbers are used again when no binding names them any more.

use std::collections::{HashMap, VecDeque};
use std::net::Ipv4Addr;
use std::sync::Arc;

use dhcpfo_engine::binding::{AddressId, ClientId};
use dhcpfo_wire::convert::{Client, Directory};

use crate::plan::{Plan, reserved_client};

/// Clients that no binding names and that are remembered all the same: far more than one batch of inputs can bring.
const PASSING: usize = 1 << 16;

/// Identifier, or hardware type and address.
type Key = (bool, Vec<u8>);

#[derive(Clone, Debug)]
struct Slot {
    client: Client,
    /// Bindings that name it; reservations count.
    bindings: u32,
    /// It waits in `passing`.
    queued: bool,
    /// The place in the plan of the link on which it was heard last.
    heard_on: Option<usize>,
}

/// Clients and addresses by number.
#[derive(Clone, Debug)]
pub struct Names {
    plan: Arc<Plan>,
    slots: Vec<Slot>,
    by_key: HashMap<Key, u32>,
    /// Reservations by hardware hold whatever identifier the client sends.
    by_hardware: HashMap<Vec<u8>, u32>,
    /// Numbers that no binding named when they were put here, oldest first.
    passing: VecDeque<u32>,
    /// Which client each address's binding names.
    owners: Vec<Option<ClientId>>,
    most: usize,
}

impl Names {
    /// Nobody but the clients of reservations, and those with their addresses.
    pub fn new(plan: Arc<Plan>) -> (Names, Vec<(AddressId, ClientId)>) {
        let most = plan.len() as usize + plan.reservations.len() + PASSING;
        let owners = vec![None; plan.len() as usize];
        let mut names = Names {
            plan: plan.clone(),
            slots: Vec::new(),
            by_key: HashMap::new(),
            by_hardware: HashMap::new(),
            passing: VecDeque::new(),
            owners,
            most,
        };
        let mut reserved = Vec::new();
        for reservation in &plan.reservations {
            let client = reserved_client(reservation);
            let (Some(address), Some(id)) = (plan.id(reservation.address), names.client_id(&client)) else { continue };
            names.slots[id.0 as usize].bindings += 1;
            if reservation.identifier.is_none() {
                names.by_hardware.insert(client.hardware_address, id.0);
            }
            reserved.push((address, id));
        }
        (names, reserved)
    }

    /// The binding of an address now names this client.
    pub fn bound(&mut self, address: AddressId, client: Option<ClientId>) {
        let Some(owner) = self.owners.get_mut(address.0 as usize) else { return };
        let before = std::mem::replace(owner, client);
        if before == client {
            return;
        }
        if let Some(id) = client {
            self.slots[id.0 as usize].bindings += 1;
        }
        if let Some(id) = before {
            self.slots[id.0 as usize].bindings -= 1;
            self.let_pass(id.0);
        }
    }

    /// The number of a client that is known already.
    pub fn known(&self, client: &Client) -> Option<ClientId> {
        let hardware = self.by_hardware.get(&client.hardware_address);
        let (identified, key) = client.key();
        hardware.or_else(|| self.by_key.get(&(identified, key.to_vec()))).map(|&id| ClientId(id))
    }

    /// A client was heard on the link with this place in the plan.
    pub fn hear(&mut self, id: ClientId, link: usize) {
        if let Some(slot) = self.slots.get_mut(id.0 as usize) {
            slot.heard_on = Some(link);
        }
    }

    /// The place in the plan of the link on which a client was heard last.
    pub fn heard_on(&self, id: ClientId) -> Option<usize> {
        self.slots.get(id.0 as usize)?.heard_on
    }

    /// How many clients are known.
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    fn let_pass(&mut self, id: u32) {
        let slot = &mut self.slots[id as usize];
        if slot.bindings == 0 && !slot.queued {
            slot.queued = true;
            self.passing.push_back(id);
        }
    }

    /// A number that nobody has: a new one, or that of the client that passed by longest ago.
    fn vacant(&mut self, client: &Client) -> Option<u32> {
        let slot = Slot { client: client.clone(), bindings: 0, queued: false, heard_on: None };
        if self.slots.len() < self.most {
            self.slots.push(slot);
            return Some(self.slots.len() as u32 - 1);
        }
        while let Some(id) = self.passing.pop_front() {
            let old = &mut self.slots[id as usize];
            old.queued = false;
            if old.bindings == 0 {
                let (identified, key) = old.client.key();
                self.by_key.remove(&(identified, key.to_vec()));
                *old = slot;
                return Some(id);
            }
        }
        None
    }
}

/// A client in words: `02:00:00:00:00:01`, or its identifier in hexadecimal digits and that.
pub(crate) fn who(client: &Client) -> String {
    let hex = |octets: &[u8], between: &str| {
        octets.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(between)
    };
    let hardware = hex(client.hardware_address.get(1..).unwrap_or_default(), ":");
    match &client.identifier {
        Some(identifier) => format!("{hardware} hex:{}", hex(identifier, "")),
        None => hardware,
    }
}

impl Directory for Names {
    fn address(&self, id: AddressId) -> Option<Ipv4Addr> {
        self.plan.address(id)
    }

    fn address_id(&self, address: Ipv4Addr) -> Option<AddressId> {
        self.plan.id(address)
    }

    fn client(&self, id: ClientId) -> Option<Client> {
        self.slots.get(id.0 as usize).map(|slot| slot.client.clone())
    }

    fn client_id(&mut self, client: &Client) -> Option<ClientId> {
        if let Some(id) = self.known(client) {
            // Who is known by hardware alone may have an identifier, and the hardware behind one may change.
            let slot = &mut self.slots[id.0 as usize];
            if slot.client != *client && !client.hardware_address.is_empty() {
                slot.client = client.clone();
            }
            return Some(id);
        }
        let id = self.vacant(client)?;
        let (identified, key) = client.key();
        self.by_key.insert((identified, key.to_vec()), id);
        self.let_pass(id);
        Some(ClientId(id))
    }
}
