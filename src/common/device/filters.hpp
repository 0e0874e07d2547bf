// Packet filters: which packets are dropped, let through, counted or copied, before any impairment. An
// ordered list; the first one that drops or allows a packet ends its way through the list. Asked by Table,
// which classifies packets; decides and counts, and keeps copies for files. Copies to devices are Table's
// matter. Invariant: a packet meets the filters for everybody and those of its own device, in their order,
// and no others; so the cost does not depend on how many devices have filters. Reasons: docs/impairment.md,
// "Filters".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/device_match.hpp"
#include "base/units.hpp"
#include "device/capture.hpp"
#include "device/classifier.hpp"
#include "device/direction.hpp"
#include "wire/match.hpp"

namespace sennit::device {

enum class FilterAction : std::uint8_t {
  kDrop,    // ends
  kAllow,   // ends
  kCount,   // goes on
  kCopy,    // goes on; a copy of the packet is impaired as if it were another device's
  kRecord,  // goes on; a copy is kept until somebody fetches it
};

struct Filter {
  std::optional<base::DeviceMatch> device = {};  // whose packets, by its first match; none: everybody's
  std::optional<Direction> direction = {};       // none: both
  wire::Match match = {};
  FilterAction action = FilterAction::kCount;
  std::optional<base::DeviceMatch> copies_to = {};  // for kCopy: a device, by its first match
};

// What its owner calls a filter; never used again.
using FilterId = base::Identifier<struct FilterTag, std::uint32_t>;

// A packet, or the packets that a superpacket stands for.
struct Amount {
  std::uint64_t packets = 1;
  base::Bytes bytes;
};

struct FilterReport {
  FilterId id;
  std::uint64_t packets = 0;  // that it matched
  base::Bytes bytes;
};

enum class Verdict : std::uint8_t { kPass, kDrop };

// What becomes of a packet.
struct Judgement {
  Verdict verdict = Verdict::kPass;
  std::span<const FilterId> copied;  // by these filters; valid until the next packet is judged
};

// The devices that a filter names.
struct Named {
  std::optional<DeviceId> device;
  std::optional<DeviceId> copies_to;
};

class Filters {
 public:
  bool empty() const { return rules_.empty(); }
  // Behind those that are there; `named` are the devices that the filter names.
  void add(FilterId id, const Filter& filter, const Named& named);
  // Gives whom it named.
  Named remove(FilterId id);
  // Does a filter name this device?
  bool name(DeviceId device) const;
  // Do copies come to this device?
  bool copy_to(DeviceId device) const;

  // The packet's way through the list; `device` is whose it is, if anybody's.
  Judgement judge(std::optional<DeviceId> device, Direction direction, const wire::IpPacket& ip,
                  const Amount& amount);
  // Makes the copy that filter `id` asks for, where that is one to be kept; else says which device gets it.
  std::optional<DeviceId> copy(FilterId id, Direction direction, base::ConstByteSpan packet,
                               base::Instant now);

  // What a recording filter kept since the last time.
  Captured take_recorded(FilterId id);
  std::vector<FilterReport> report() const;

 private:
  struct Rule {
    FilterId id;
    Filter filter;
    Named named;
    Amount matched{0, {}};
    std::unique_ptr<Capture> recorded;
  };
  // Places in rules_, in order.
  using Places = std::vector<std::uint32_t>;

  // Puts the rule at this place, the last so far, into the lists.
  void index(std::uint32_t place);
  std::vector<Rule>::iterator find(FilterId id);
  const Places& places_of(std::optional<DeviceId> device) const;

  std::vector<Rule> rules_;
  Places everybodys_;
  std::unordered_map<DeviceId, Places> own_;  // of devices that filters name: theirs and everybody's
  std::vector<FilterId> copied_;
};

}  // namespace sennit::device
