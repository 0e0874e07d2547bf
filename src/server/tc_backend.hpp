// Impairs devices by the kernel's tc: the other implementation of shell::DeviceBackend.
// Between Devices and tc::Shaper, which it asks once a second what has passed.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>

#include "io/driver.hpp"
#include "io/link_monitor.hpp"
#include "server/tc/shaper.hpp"
#include "shell/device_backend.hpp"

namespace sennit::server {

class TcBackend : public shell::DeviceBackend {
 public:
  // Throws base::Error where something is refused. `journal` and `driver` outlive it.
  TcBackend(io::Journal& journal, io::Driver& driver, const tc::Place& place);
  ~TcBackend() override;

  std::string_view name() const override { return "tc"; }
  std::string refusal(const impair::Settings& settings) const override { return shaper_.refusal(settings); }
  void add(const base::DeviceAddresses& device) override;
  void move_addresses(std::span<const base::DeviceAddresses> devices) override;
  void impair(const base::DeviceMatch& match, device::Direction direction,
              const std::optional<impair::Settings>& settings) override;
  void remove(const base::DeviceMatch& match) override;
  void let_go(const base::DeviceMatch& match) override;
  std::vector<device::DeviceReport> report() const override;
  // The packets never come here.
  void start_capture(const base::DeviceMatch& match) override;
  std::optional<device::Captured> take_captured(const base::DeviceMatch& /*match*/) override { return {}; }
  void stop_capture(const base::DeviceMatch& /*match*/) override {}

 private:
  void poll_later();
  void note_change();
  void follow();

  tc::Shaper shaper_;
  io::Driver& driver_;
  io::LinkMonitor monitor_;
  boost::asio::steady_timer timer_;
  std::string refused_;  // why the last follow() did nothing; said once
};

}  // namespace sennit::server
