// Keeps the sockets of all configured links in step with the interfaces that exist: opens them when a link
// appears, closes them when it goes, and tells the endpoint. Driven by netlink events; never polls. Between
// io::LinkMonitor and tunnel::Endpoint. Where a link is, placement.hpp decides. Invariant: the endpoint has a
// link attached exactly while its sockets are open.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/status.hpp"
#include "client/placement.hpp"
#include "config/link_impairment.hpp"
#include "config/options.hpp"
#include "io/journal.hpp"
#include "io/sysctl_override.hpp"
#include "shell/pump.hpp"
#include "tunnel/endpoint_config.hpp"

namespace sennit::client {

class Uplinks {
 public:
  // Link number i of the options has LinkId i. Profiles are looked for among the options' own and the stock
  // ones. `pump` and `journal` must outlive this.
  Uplinks(const config::ClientOptions& options, shell::Pump& pump, io::Journal& journal);
  Uplinks(const Uplinks&) = delete;
  Uplinks& operator=(const Uplinks&) = delete;

  // The interfaces as they are now.
  void update(std::span<const io::Interface> interfaces);
  // Where the link of this name is now; null while it is not there.
  const Placement* placement(std::string_view link) const;

  // What one path of the link of this name was told to receive; zero: nothing.
  base::BitRate told_rx(std::string_view link) const;

  // `sennit link list`.
  std::vector<api::LinkStatus> status() const;
  // `sennit link up` and `down`; throws UsageError where no link has this name.
  void enable(std::string_view link);
  void disable(std::string_view link);
  // `sennit link set`; throws UsageError where there is no such link, or key, or value. Nothing is
  // half-applied.
  void change(std::string_view link, const std::vector<std::pair<std::string, std::string>>& changes);
  // The link's quota is used up, or no longer: a spent link is a backup behind all others.
  void set_spent(std::string_view link, bool is_spent);
  // As configured, and changed since.
  const config::LinkOptions& options(std::string_view link) { return find(link).options; }

 private:
  struct Uplink {
    base::LinkId id;
    config::LinkOptions options;
    std::optional<Placement> placement;
    std::vector<tunnel::PathSockets> sockets;
    std::optional<io::SysctlOverride> reverse_path;  // loosened while the link is there
    bool disabled = false;                           // by `sennit link down`
    bool is_spent = false;
    config::LinkImpairment impairment;
  };

  Uplink& find(std::string_view link);

  void configure(const Uplink& uplink);
  void move(Uplink& uplink, const Placement& to);
  void detach(Uplink& uplink);
  std::vector<tunnel::PathSockets> open_sockets(const Uplink& uplink, const Placement& to);
  std::optional<base::SocketId> socket_for(const Uplink& uplink, const Placement& to, base::Family family,
                                           std::size_t path);
  void close_unused(const std::vector<tunnel::PathSockets>& before,
                    const std::vector<tunnel::PathSockets>& after);
  config::LinkImpairment impairment_of(const config::LinkOptions& options) const;
  void impair(Uplink& uplink, const config::LinkImpairment& impairment);
  void loosen_reverse_path(Uplink& uplink, const Placement& to);

  shell::Pump& pump_;
  io::Journal& journal_;
  std::vector<config::Profile> profiles_;
  std::vector<Uplink> uplinks_;
};

}  // namespace sennit::client
