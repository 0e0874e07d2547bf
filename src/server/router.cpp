#include "server/router.hpp"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "io/clock.hpp"
#include "io/masquerade.hpp"
#include "io/privileges.hpp"
#include "shell/capture_command.hpp"
#include "shell/device_commands.hpp"
#include "shell/filter_commands.hpp"
#include "shell/link_commands.hpp"

namespace sennit::server {

namespace {

tc::Place place_of(const config::ShaperOptions& options) {
  return {options.lan, options.wan,
          options.take_over ? tc::ForeignRoot::kTakeOver : tc::ForeignRoot::kRefuse};
}

// Its own, so that shapers may share a state folder with each other and with endpoints.
std::string file_name(const config::ShaperOptions& options) {
  return io::table_name("shaper_" + options.lan);
}

}  // namespace

Router::Router(const config::ShaperOptions& options)
    : started_(io::read_clock().monotonic),
      journal_(options.endpoint.state, file_name(options)),
      backend_(journal_, driver_, place_of(options)),
      backends_(driver_, backend_),
      devices_(options.endpoint, options.endpoint.state / (file_name(options) + ".sqlite"), driver_,
               backends_, shell::LanView::kSeen),
      control_(driver_.io_context(), options.endpoint.control) {
  const auto& file = options.endpoint.origins.whole().file;
  spdlog::info("sennit {} shaper, configuration from {}", SENNIT_VERSION,
               file.empty() ? "the command line" : file);
  shell::serve_device_commands(control_, devices_);
  shell::serve_capture_commands(control_, devices_);
  shell::serve_filter_commands(control_, devices_);
  shell::refuse_link_commands(control_, "a shaper has no links; see `sennit device list`");
  control_.handle("status", [this](const nlohmann::json& /*arguments*/) { return api::to_json(status()); });
}

void Router::run() {
  io::drop_privileges();
  driver_.run();
}

api::Status Router::status() const {
  api::Status status;
  status.role = "shaper";
  status.version = SENNIT_VERSION;
  status.uptime = io::read_clock().monotonic - started_;
  status.devices = devices_.status();
  return status;
}

}  // namespace sennit::server
