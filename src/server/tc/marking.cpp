#include "server/tc/marking.hpp"

#include <algorithm>
#include <cstdio>

namespace sennit::server::tc {

namespace {

using base::Family;

constexpr unsigned width(Family family) {
  return family == Family::kV4 ? 32 : 128;
}

// The address whose first `bits` are set.
std::string netmask(Family family, unsigned bits) {
  std::array<std::uint8_t, 16> bytes{};
  for (unsigned bit = 0; bit < bits; ++bit)
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] | 0x80U >> (bit % 8));
  return base::IpAddress::from_bytes({bytes.data(), width(family) / 8})->to_string();
}

std::string map_name(Side side, Family family, unsigned bits) {
  return std::string(side == Side::kLan ? "down" : "up") + (family == Family::kV4 ? "4_" : "6_") +
         std::to_string(bits);
}

// What of a packet is looked up: `ip daddr & 255.255.255.0`.
std::string key(Side side, Family family, unsigned bits) {
  const std::string address =
      std::string(family == Family::kV4 ? "ip " : "ip6 ") + (side == Side::kLan ? "daddr" : "saddr");
  return bits == width(family) ? address : address + " & " + netmask(family, bits);
}

}  // namespace

Marking::Marking(std::string table, std::array<io::InterfaceIndex, 2> interfaces, Classifier classifier)
    : table_(std::move(table)), interfaces_(interfaces), classifier_(classifier) {}

std::string Marking::creation() const {
  return "add table inet " + table_ + "\ndelete table inet " + table_ + "\nadd table inet " + table_ +
         "\nadd chain inet " + table_ +
         " forward { type filter hook forward priority 500 ; policy accept ; }\n";
}

std::string Marking::value(ClassId id) const {
  std::array<char, 16> text{};
  if (classifier_ == Classifier::kPriority) {
    std::snprintf(text.data(), text.size(), "%x:%x", unsigned{kRootMajor}, unsigned{id.value});
  } else {
    std::snprintf(text.data(), text.size(), "0x%08x", mark_of(id));
  }
  return text.data();
}

std::string Marking::element(const Length& length, const base::IpAddress& address, ClassId id) const {
  return " element inet " + table_ + " " + map_name(length.side, length.family, length.bits) + " { " +
         address.to_string() + " : " + value(id) + " }\n";
}

std::string Marking::rule(const Length& length, const Elements& elements) const {
  const std::string set = classifier_ == Classifier::kPriority ? "meta priority set " : "meta mark set ";
  const std::string rule = "add rule inet " + table_ + " forward oif " +
                           std::to_string(interfaces_[static_cast<std::size_t>(length.side)].value) + " ";
  if (length.bits > 0)
    return rule + set + key(length.side, length.family, length.bits) + " map @" +
           map_name(length.side, length.family, length.bits) + "\n";
  if (elements.empty()) return {};
  return rule + "meta nfproto " + (length.family == Family::kV4 ? "ipv4 " : "ipv6 ") + set +
         value(elements.begin()->second) + "\n";
}

// In the order of lengths_, which has shorter prefixes of a side and family first.
std::string Marking::chain() const {
  auto text = "flush chain inet " + table_ + " forward\n";
  for (const auto& [length, elements] : lengths_) text += rule(length, elements);
  return text;
}

std::string Marking::map(const Length& length) const {
  return "add map inet " + table_ + " " + map_name(length.side, length.family, length.bits) + " { type " +
         (length.family == Family::kV4 ? "ipv4_addr" : "ipv6_addr") + " : " +
         (classifier_ == Classifier::kPriority ? "classid" : "mark") + " ; }\n";
}

std::string Marking::whole() const {
  auto text = creation();
  for (const auto& [length, elements] : lengths_) {
    if (length.bits == 0) continue;
    text += map(length);
    for (const auto& [address, id] : elements) text += "add" + element(length, address, id);
  }
  return text + chain();
}

std::string Marking::change_element(const Length& length, Elements& elements, const base::IpAddress& address,
                                    std::optional<ClassId> id) const {
  std::string text;
  const auto before = elements.find(address);
  if (before != elements.end()) {
    text = "delete" + element(length, address, before->second);
    elements.erase(before);
  }
  if (!id) return text;
  elements[address] = *id;
  return text + "add" + element(length, address, *id);
}

std::string Marking::move(Side side, io::InterfaceIndex interface) {
  interfaces_[static_cast<std::size_t>(side)] = interface;
  return chain();
}

std::string Marking::change(const base::Prefix& prefix, Side side, std::optional<ClassId> id) {
  const Length length{side, prefix.family(), prefix.length()};
  const auto [known, is_new] = lengths_.try_emplace(length);
  const auto address = prefix.network().address();
  auto elements = change_element(length, known->second, address, id);
  if (length.bits == 0) return chain();
  if (!is_new) return elements;
  return map(length) + elements + chain();
}

}  // namespace sennit::server::tc
