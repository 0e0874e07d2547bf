// Where an application's packets go in and come out: a host's TUN device, or the end of a plain wire.
// Applications (Flow, Ping, Transfer) know nothing else, so that the same transfer runs through a tunnel and
// beside it. Invariant: everybody registered sees every packet that comes out.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/address.hpp"
#include "base/packet.hpp"
#include "wire/mss.hpp"

namespace sennit::sim {

class Device {
 public:
  using Bytes = std::vector<std::uint8_t>;
  using InnerReceiver = std::function<void(base::ConstByteSpan)>;

  Device() = default;
  virtual ~Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  // Writes packets into the device, in one batch.
  virtual void send_inner(std::vector<Bytes> packets) = 0;
  // The largest packet it takes whole.
  virtual wire::InnerMtu inner_mtu() const = 0;
  // Adds one that sees every packet that comes out; it must live as long as the device is used.
  void on_inner(InnerReceiver receiver) { inner_receivers_.push_back(std::move(receiver)); }

  base::IpAddress inner_v4;
  base::IpAddress inner_v6;

 protected:
  void hand_over(base::ConstByteSpan packet) const {
    for (const auto& receiver : inner_receivers_) receiver(packet);
  }

 private:
  std::vector<InnerReceiver> inner_receivers_;
};

}  // namespace sennit::sim
