//! Which port serves what, and under which origins browsers reach it.

use std::{collections::BTreeMap, io, net::Ipv4Addr};

use sample_miniprogram::{NOTEBOOK, PROGRAMS, ProgramId};
use tokio::net::TcpListener;

use crate::cli::Origins;

const SUFFIX: &str = "sim.localhost";

/// Everything that listens, bound and not yet served.
pub(crate) struct Listeners {
    pub(crate) authorization_server: TcpListener,
    pub(crate) programs: ProgramListeners,
    pub(crate) simulator: TcpListener,
}

/// The mini-programs' listeners.
pub(crate) enum ProgramListeners {
    /// One for all, told apart by the `Host` header.
    Shared(TcpListener),
    /// One each, and one for the program without a backend.
    Each(BTreeMap<ProgramId, TcpListener>, TcpListener),
}

/// Where browsers find what listens. Origins are ASCII serialised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Addresses {
    pub(crate) issuer: String,
    pub(crate) simulator: String,
    pub(crate) programs: BTreeMap<ProgramId, String>,
    /// The program without a backend.
    pub(crate) notebook: String,
    /// The program with a backend in Node, where that runs.
    pub(crate) postcards: Option<String>,
}

/// Why nothing listens.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindError {
    #[error(
        "Port {port} is in use by another program; stop that program, or choose other ports with --port (0 takes any free ones)."
    )]
    Busy { port: u16 },
    #[error("Port {port} cannot be used: {cause}; choose other ports with --port.")]
    Refused { port: u16, cause: io::Error },
    #[error("There are not enough ports from {port} upwards; choose a lower --port.")]
    TooHigh { port: u16 },
}

/// The name and the port that the program with a backend in Node is to listen at: the next after all
/// others, or any where that is not to be had.
pub(crate) fn for_node(port: u16, origins: Origins, id: &str) -> (String, u16) {
    let name = match origins {
        Origins::Subdomain => format!("{id}.{SUFFIX}"),
        Origins::Port => Ipv4Addr::LOCALHOST.to_string(),
    };
    let after = u16::try_from(4 + PROGRAMS.len()).unwrap_or(u16::MAX);
    let next = if port == 0 { None } else { port.checked_add(after) };
    (name, next.unwrap_or(0))
}

impl Listeners {
    /// Binds everything on 127.0.0.1, from `port` upwards or, for 0, wherever there is room.
    pub(crate) async fn bind(port: u16, origins: Origins) -> Result<Self, BindError> {
        let at = |offset| match port {
            0 => Ok(0),
            port => port.checked_add(offset).ok_or(BindError::TooHigh { port }),
        };
        let authorization_server = listen(at(0)?).await?;
        let simulator = listen(at(2)?).await?;
        let programs = match origins {
            Origins::Subdomain => ProgramListeners::Shared(listen(at(1)?).await?),
            Origins::Port => {
                let mut each = BTreeMap::new();
                let mut offset = 3;
                for id in PROGRAMS {
                    each.insert(*id, listen(at(offset)?).await?);
                    offset += 1;
                }
                ProgramListeners::Each(each, listen(at(offset)?).await?)
            }
        };
        Ok(Self { authorization_server, programs, simulator })
    }

    /// Where browsers find them.
    pub(crate) fn addresses(&self) -> io::Result<Addresses> {
        let simulator_port = self.simulator.local_addr()?.port();
        let (simulator, programs, notebook) = match &self.programs {
            ProgramListeners::Shared(listener) => {
                let port = listener.local_addr()?.port();
                let origin = |id: &str| format!("http://{id}.{SUFFIX}:{port}");
                let simulator = format!("http://host.{SUFFIX}:{simulator_port}");
                let programs = PROGRAMS.iter().map(|id| (*id, origin(id.as_str()))).collect();
                (simulator, programs, origin(NOTEBOOK))
            }
            ProgramListeners::Each(each, notebook) => {
                let origin = |listener: &TcpListener| {
                    Ok::<_, io::Error>(format!("http://{}", listener.local_addr()?))
                };
                let programs = each.iter().map(|(id, listener)| Ok((*id, origin(listener)?)));
                let programs = programs.collect::<io::Result<_>>()?;
                let simulator = format!("http://{}:{simulator_port}", Ipv4Addr::LOCALHOST);
                (simulator, programs, origin(notebook)?)
            }
        };
        let issuer = format!("http://{}", self.authorization_server.local_addr()?);
        Ok(Addresses { issuer, simulator, programs, notebook, postcards: None })
    }
}

/// Binds a port of 127.0.0.1; any free one for 0.
pub(crate) async fn listen(port: u16) -> Result<TcpListener, BindError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|cause| match cause.kind() {
        io::ErrorKind::AddrInUse => BindError::Busy { port },
        _ => BindError::Refused { port, cause },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[tokio::test]
    async fn by_default_each_program_has_a_subdomain_of_one_port() {
        let listeners = Listeners::bind(0, Origins::Subdomain).await.unwrap();
        let ProgramListeners::Shared(programs) = &listeners.programs else { panic!("not shared") };
        let port = programs.local_addr().unwrap().port();
        let addresses = listeners.addresses().unwrap();
        for (id, origin) in &addresses.programs {
            assert_eq!(*origin, format!("http://{id}.sim.localhost:{port}"));
        }
        assert_eq!(addresses.notebook, format!("http://notebook.sim.localhost:{port}"));
        let simulator = listeners.simulator.local_addr().unwrap().port();
        assert_eq!(addresses.simulator, format!("http://host.sim.localhost:{simulator}"));
        assert!(addresses.issuer.starts_with("http://127.0.0.1:"));
    }

    #[tokio::test]
    async fn without_subdomains_each_program_has_a_port() {
        let listeners = Listeners::bind(0, Origins::Port).await.unwrap();
        let addresses = listeners.addresses().unwrap();
        let mut origins: BTreeSet<_> = addresses.programs.values().collect();
        origins.insert(&addresses.simulator);
        origins.insert(&addresses.issuer);
        origins.insert(&addresses.notebook);
        assert_eq!(origins.len(), PROGRAMS.len() + 3);
        assert!(origins.iter().all(|origin| origin.starts_with("http://127.0.0.1:")));
    }

    #[tokio::test]
    async fn ports_count_up_from_the_one_that_is_named() {
        let (base, listeners) = bind_some_base(Origins::Port).await;
        let addresses = listeners.addresses().unwrap();
        assert_eq!(addresses.issuer, format!("http://127.0.0.1:{base}"));
        assert_eq!(addresses.simulator, format!("http://127.0.0.1:{}", base + 2));
        for (offset, id) in (3..).zip(PROGRAMS) {
            assert_eq!(addresses.programs[id], format!("http://127.0.0.1:{}", base + offset));
        }
    }

    #[tokio::test]
    async fn a_busy_port_is_named() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = Listeners::bind(port, Origins::Subdomain).await.err().unwrap();
        assert!(matches!(error, BindError::Busy { port: named } if named == port), "{error}");
    }

    #[tokio::test]
    async fn ports_do_not_wrap_around() {
        let result = Listeners::bind(u16::MAX, Origins::Subdomain).await;
        // The last port may be taken by another program; it must not come to port 0 or 1.
        let error = result.err().unwrap();
        assert!(matches!(error, BindError::TooHigh { .. } | BindError::Busy { .. }), "{error}");
    }

    /// Other tests and programs take ports too: tries until a whole row is free.
    async fn bind_some_base(origins: Origins) -> (u16, Listeners) {
        loop {
            let probe = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let base = probe.local_addr().unwrap().port();
            drop(probe);
            if let Ok(listeners) = Listeners::bind(base, origins).await {
                return (base, listeners);
            }
        }
    }
}
