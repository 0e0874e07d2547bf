// One UDP socket of the tunnel: datagrams in and out in batches, and with offload in runs that the kernel
// cuts and joins (UDP_SEGMENT, UDP_GRO). The last stage outbound and the first one inbound. Knows nothing of
// what the datagrams hold. Every datagram has DF set and is never fragmented here; the kernel's cached path
// MTU is ignored, since the core probes it itself (RFC 8899): a datagram larger than the interface's MTU is
// reported, not cut. Invariant: a bad message never stops those behind it, and a run that the kernel refuses
// goes out datagram by datagram; nothing is allocated per datagram.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/packet.hpp"
#include "io/datagram_messages.hpp"
#include "io/datagram_slab.hpp"
#include "io/udp_offload.hpp"

namespace sennit::io {

// Whether sockets of several threads share a port: then steer() says which of them gets a datagram.
enum class PortUse : std::uint8_t {
  kAlone,
  kFirstOfGroup,  // refuses a port that somebody else has
  kInGroup,
};

struct UdpOptions {
  base::SocketId id;                        // marks what is received
  base::Family family = base::Family::kV4;  // a v6 socket carries v6 only
  base::SocketAddress bind;                 // without family: any address; port 0: the kernel chooses
  std::string device;                       // the interface it keeps to; empty: any
  UdpOffload offload = UdpOffload::kOff;
  PortUse port_use = PortUse::kAlone;
};

struct ReceiveResult {
  std::span<const base::InboundDatagram> datagrams;  // valid until the next receive into the slab
  std::size_t truncated = 0;                         // left out: longer than kLargestDatagram
  bool more = false;                                 // the slab was filled; more may wait
};

// A datagram larger than the interface takes.
struct OversizedDatagram {
  base::Route route;
  std::size_t size = 0;
};

struct SendResult {
  std::size_t sent = 0;
  std::size_t refused = 0;      // no route, filtered, source address or device gone …
  std::size_t buffer_full = 0;  // not sent: the socket's buffer is full
  std::size_t too_big = 0;      // EMSGSIZE
  // The device is gone, or the v6 source address: open a new socket once LinkMonitor shows it again. A v4
  // source address that is gone is only refused, like a remote without a route.
  bool unusable = false;
  // The first kReportedOversized of too_big; valid until the next send_batch.
  std::span<const OversizedDatagram> oversized;
};

class UdpSocket {
 public:
  static constexpr std::size_t kReportedOversized = 16;

  // Opens and binds; throws base::Error when the address is taken, not ours, or the device does not exist.
  explicit UdpSocket(const UdpOptions& options);

  int fd() const { return fd_.get(); }
  base::SocketId id() const { return id_; }
  // As bound: the port is known even where the kernel chose it.
  base::SocketAddress local_address() const;
  // Does the kernel cut the runs that are sent, and join what is received? What a route or device refuses is
  // sent datagram by datagram all the same.
  bool sends_runs() const { return sends_runs_; }
  bool receives_runs() const { return receives_runs_; }
  // Of a group: the datagram's bytes are given to `program` (classic BPF), and its result is the number of
  // the socket that gets them, in the order in which they were opened. Throws base::Error where the kernel
  // refuses.
  void steer(std::span<const sock_filter> program);

  // Fills the slab with datagrams that wait now. Pending network errors are swallowed.
  ReceiveResult receive_batch(DatagramSlab& slab);
  // Sends every datagram of every transmit; their routes must name this socket.
  SendResult send_batch(std::span<const base::Transmit> transmits);

 private:
  void append(DatagramMessages& messages, const base::Transmit& run, SendResult& result);
  void flush(DatagramMessages& messages, SendResult& result);
  void note_refusal(const base::Transmit& run, int error, SendResult& result);
  void note_single_refusal(const base::Transmit& datagram, int error, SendResult& result);

  base::SocketId id_;
  base::FileDescriptor fd_;
  std::unique_ptr<DatagramMessages> messages_;
  std::unique_ptr<DatagramMessages> pieces_;  // of a run that the kernel refused
  std::vector<OversizedDatagram> oversized_;
  bool sends_runs_ = false;
  bool receives_runs_ = false;
  base::Instant last_empty_;     // when it held nothing more
  std::size_t runs_to_cut_ = 0;  // still to be cut here, since the kernel refused one
};

}  // namespace sennit::io
