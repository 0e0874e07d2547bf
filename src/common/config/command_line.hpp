// What the user asked sennit to do: the command line (and the file that it names) as one value.
// The first thing that main() calls; runs nothing itself.
// Invariant: the options of a returned command are complete and fit each other (validate.hpp).
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "config/options.hpp"
#include "config/timeline.hpp"

namespace sennit::config {

struct KeygenCommand {
  std::optional<std::filesystem::path> out;
};
struct PubkeyCommand {
  std::optional<std::filesystem::path> file;
};
struct GatewayCommand {
  GatewayOptions options;
};
struct ClientCommand {
  ClientOptions options;
};
struct ShaperCommand {
  ShaperOptions options;
};
struct CheckCommand {
  std::filesystem::path file;
};
struct StatusCommand {
  bool json = false;
  std::optional<base::Duration> watch;  // repeat so often
  std::filesystem::path control;
};
struct LinkListCommand {
  bool json = false;
  std::filesystem::path control;
};
struct LinkSetCommand {
  std::string link;
  std::vector<std::pair<std::string, std::string>> changes;  // checked with change_link()
  std::filesystem::path control;
};
struct LinkUpCommand {
  std::string link;
  std::filesystem::path control;
};
struct LinkDownCommand {
  std::string link;
  std::filesystem::path control;
};
struct DeviceListCommand {
  bool json = false;
  std::filesystem::path control;
};
struct DeviceShowCommand {
  std::string device;
  bool json = false;
  std::filesystem::path control;
};
struct DeviceSetCommand {
  std::string device;
  DeviceChange change;
  std::optional<base::Duration> duration;  // none: until it is changed
  std::filesystem::path control;
};
struct DeviceClearCommand {
  std::optional<std::string> device;  // none: all of them
  std::filesystem::path control;
};
struct DevicePlayCommand {
  Timeline timeline;
  std::filesystem::path control;
};
struct DeviceStopCommand {
  std::filesystem::path control;
};
// Where `sennit capture` takes packets, as seen from the impairment.
enum class CapturePoint : std::uint8_t { kBoth, kBefore, kAfter };
struct CaptureCommand {
  std::string device;
  std::filesystem::path file;  // `-`: standard output
  CapturePoint point = CapturePoint::kBoth;
  std::filesystem::path control;
};
struct FilterListCommand {
  bool json = false;
  std::filesystem::path control;
};
struct FilterAddCommand {
  FilterOptions filter;
  std::filesystem::path control;
};
struct FilterDeleteCommand {
  std::uint32_t number = 0;
  std::filesystem::path control;
};
struct FilterClearCommand {
  std::filesystem::path control;
};
struct ProfileListCommand {
  bool json = false;
  std::optional<std::filesystem::path> control;  // none: the default's, or the stock profiles
};
struct ProfileShowCommand {
  std::string name;
  bool json = false;
  std::optional<std::filesystem::path> control;
};
struct DoctorCommand {
  bool json = false;
};
// Print the text and leave with the status.
struct ExitCommand {
  std::string text;
  int status = 0;
};

using Command = std::variant<KeygenCommand, PubkeyCommand, GatewayCommand, ClientCommand, ShaperCommand,
                             CheckCommand, StatusCommand, LinkListCommand, LinkSetCommand, LinkUpCommand,
                             LinkDownCommand, DeviceListCommand, DeviceShowCommand, DeviceSetCommand,
                             DeviceClearCommand, DevicePlayCommand, DeviceStopCommand, CaptureCommand,
                             FilterListCommand, FilterAddCommand, FilterDeleteCommand, FilterClearCommand,
                             ProfileListCommand, ProfileShowCommand, DoctorCommand, ExitCommand>;

// Understands the arguments behind the program's name; throws UsageError with one sentence a fault.
Command parse_command_line(std::span<const std::string> arguments);

// The same for main()'s arguments.
Command parse(int argc, const char* const* argv);

}  // namespace sennit::config
