// The LAN of a running endpoint, as far as devices that are known by MAC address need it: keeps a
// Neighbourhood up to date with the kernel's neighbour table. Between the driver and Devices.
// Invariant: when on_change is called, addresses_of() already tells the new ones.
#pragma once

#include <functional>
#include <optional>

#include "io/driver.hpp"
#include "io/neighbours.hpp"
#include "shell/neighbourhood.hpp"

namespace sennit::shell {

enum class LanView : std::uint8_t {
  kSeen,
  kUnseen,  // the devices are somewhere else: a gateway's
};

class Lan {
 public:
  // Reads the table, and follows it from now on. Throws base::Error when the kernel refuses. `driver`
  // outlives it.
  Lan(LanView view, io::Driver& driver, std::function<void()> on_change);
  Lan(const Lan&) = delete;
  Lan& operator=(const Lan&) = delete;
  ~Lan();

  bool is_seen() const { return neighbours_.has_value(); }
  const Neighbourhood& neighbourhood() const { return neighbourhood_; }

 private:
  io::Driver& driver_;
  std::function<void()> on_change_;
  std::optional<io::Neighbours> neighbours_;
  Neighbourhood neighbourhood_;
};

}  // namespace sennit::shell
