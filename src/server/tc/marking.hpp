// Which packets get which mark, as nftables commands for a table of our own: a map a side, family and prefix
// length, and a chain that asks them, shorter prefixes first so that the longest wins.
// Pure: commands go out as text, `Shaper` has them run. Invariant: once they have run, the table marks what
// was last said of each prefix. Reasons: docs/shaping.md, "What stands in the kernel".
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/address.hpp"
#include "io/interface.hpp"
#include "server/tc/classifier.hpp"

namespace sennit::server::tc {

// Where a packet leaves the router.
enum class Side : std::uint8_t {
  kLan,  // towards the devices: known by its destination
  kWan,  // from them: known by its source
};

class Marking {
 public:
  // `interfaces` by side.
  Marking(std::string table, std::array<io::InterfaceIndex, 2> interfaces, Classifier classifier);

  // Commands that make the table, empty; in place of one of the same name.
  std::string creation() const;
  // Commands after which packets of this prefix have this mark on this side; none: no mark.
  std::string change(const base::Prefix& prefix, Side side, std::optional<ClassId> id);
  // Commands after which this side is another interface.
  std::string move(Side side, io::InterfaceIndex interface);
  // Commands that make the table anew, with all that was last said.
  std::string whole() const;
  const std::string& table() const { return table_; }

 private:
  struct Length {
    Side side;
    base::Family family;
    unsigned bits;
    auto operator<=>(const Length&) const = default;
  };
  using Elements = std::map<base::IpAddress, ClassId>;

  std::string map(const Length& length) const;
  std::string element(const Length& length, const base::IpAddress& address, ClassId id) const;
  std::string change_element(const Length& length, Elements& elements, const base::IpAddress& address,
                             std::optional<ClassId> id) const;
  std::string value(ClassId id) const;
  std::string rule(const Length& length, const Elements& elements) const;
  std::string chain() const;

  std::string table_;
  // By side. Packets are known by the number, which an interface that is renamed keeps.
  std::array<io::InterfaceIndex, 2> interfaces_;
  Classifier classifier_;
  std::map<Length, Elements> lengths_;  // those that were ever used
};

}  // namespace sennit::server::tc
