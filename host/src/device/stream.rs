//! Serial ports and TCP connections.

use super::LinkError;
use serialport::{SerialPort, SerialPortType};
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// Bits a second on a serial port, unless the user says otherwise.
pub const BAUD: u32 = 115_200;

/// How a name of a TCP port begins.
const TCP: &str = "tcp:";

/// How long each address of a TCP port may take to accept, and to take bytes.
const CONNECTING: Duration = Duration::from_secs(5);

/// Bytes to a device and back.
pub trait Stream {
    /// Sends all bytes.
    fn send(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Waits for bytes; gives 0 when none has come in time.
    fn receive(&mut self, bytes: &mut [u8], patience: Duration) -> io::Result<usize>;
}

impl<S: Stream + ?Sized> Stream for Box<S> {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        (**self).send(bytes)
    }

    fn receive(&mut self, bytes: &mut [u8], patience: Duration) -> io::Result<usize> {
        (**self).receive(bytes, patience)
    }
}

/// A port that is open; threads may hand it on.
pub type Port = Box<dyn Stream + Send>;

/// Opens `tcp:HOST:PORT` or a serial port by its name.
pub fn open(port: &str, baud: u32) -> Result<Port, LinkError> {
    let failed = |reason: String| LinkError::Open {
        port: port.to_owned(),
        reason,
    };
    if let Some(address) = port.strip_prefix(TCP) {
        let stream = connect(address).map_err(|error| failed(error.to_string()))?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(CONNECTING))?;
        return Ok(Box::new(stream));
    }
    let port = serialport::new(port, baud)
        .timeout(Duration::from_millis(10))
        .open();
    Ok(Box::new(Serial(
        port.map_err(|error| failed(error.to_string()))?,
    )))
}

/// Connects to the first address of a name that accepts.
fn connect(name: &str) -> io::Result<TcpStream> {
    let mut refused = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in name.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, CONNECTING) {
            Ok(stream) => return Ok(stream),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

/// The serial ports of this computer, each with what is known of it.
pub fn ports() -> Result<Vec<(String, String)>, LinkError> {
    let ports = serialport::available_ports().map_err(|error| LinkError::Open {
        port: "the list of serial ports".to_owned(),
        reason: error.to_string(),
    })?;
    Ok(ports
        .into_iter()
        .map(|port| {
            let about = match port.port_type {
                SerialPortType::UsbPort(usb) => {
                    let parts = [usb.manufacturer, usb.product, usb.serial_number];
                    let names: Vec<String> = parts.into_iter().flatten().collect();
                    format!("USB {:04x}:{:04x} {}", usb.vid, usb.pid, names.join(" "))
                }
                SerialPortType::PciPort => "built in".to_owned(),
                SerialPortType::BluetoothPort => "Bluetooth".to_owned(),
                SerialPortType::Unknown => String::new(),
            };
            (port.port_name, about)
        })
        .collect())
}

/// None in time is no error.
fn in_time(read: io::Result<usize>) -> io::Result<usize> {
    match read {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock
            ) =>
        {
            Ok(0)
        }
        other => other,
    }
}

impl Stream for TcpStream {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn receive(&mut self, bytes: &mut [u8], patience: Duration) -> io::Result<usize> {
        self.set_read_timeout(Some(patience.max(Duration::from_millis(1))))?;
        match self.read(bytes) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            read => in_time(read),
        }
    }
}

struct Serial(Box<dyn SerialPort>);

impl Stream for Serial {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)?;
        self.0.flush()
    }

    fn receive(&mut self, bytes: &mut [u8], patience: Duration) -> io::Result<usize> {
        self.0.set_timeout(patience)?;
        in_time(self.0.read(bytes))
    }
}
