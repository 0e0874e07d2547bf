#include "io/netlink_message.hpp"

#include <cstdlib>

namespace sennit::io {

namespace {

// Only our own bug or exhausted memory can make a message not fit.
void require(bool fits) {
  if (!fits) std::abort();
}

}  // namespace

NetlinkMessage::NetlinkMessage(int type, int flags)
    : message_(nlmsg_alloc_simple(type, NLM_F_REQUEST | flags)) {
  require(message_ != nullptr);
}

NetlinkMessage::NetlinkMessage(int type, int flags, std::size_t room) : message_(nlmsg_alloc_size(room)) {
  require(message_ != nullptr && nlmsg_put(get(), NL_AUTO_PORT, NL_AUTO_SEQ, type, 0, NLM_F_REQUEST | flags));
}

void NetlinkMessage::append(const void* bytes, std::size_t length) {
  require(nlmsg_append(get(), const_cast<void*>(bytes), length, NLMSG_ALIGNTO) == 0);
}

void NetlinkMessage::put(int attribute, std::uint8_t value) {
  require(nla_put_u8(get(), attribute, value) == 0);
}

void NetlinkMessage::put(int attribute, std::uint16_t value) {
  require(nla_put_u16(get(), attribute, value) == 0);
}

void NetlinkMessage::put(int attribute, std::uint64_t value) {
  require(nla_put_u64(get(), attribute, value) == 0);
}

void NetlinkMessage::put(int attribute, std::span<const std::uint8_t> bytes) {
  require(nla_put(get(), attribute, static_cast<int>(bytes.size()), bytes.data()) == 0);
}

void NetlinkMessage::put(int attribute, std::uint32_t value) {
  require(nla_put_u32(get(), attribute, value) == 0);
}

void NetlinkMessage::put(int attribute, const std::string& value) {
  require(nla_put_string(get(), attribute, value.c_str()) == 0);
}

void NetlinkMessage::put(int attribute, const base::IpAddress& address) {
  const auto bytes = address.bytes();
  require(nla_put(get(), attribute, static_cast<int>(bytes.size()), bytes.data()) == 0);
}

NetlinkMessage::Nest::Nest(NetlinkMessage& message, int attribute)
    : message_(message.get()), start_(nla_nest_start(message_, attribute)) {
  require(start_ != nullptr);
}

NetlinkMessage::Nest::~Nest() {
  nla_nest_end(message_, start_);
}

NetlinkAttributes::NetlinkAttributes(nlmsghdr* message, std::size_t header_length)
    : first_(nlmsg_attrdata(message, static_cast<int>(header_length))),
      length_(nlmsg_attrlen(message, static_cast<int>(header_length))) {}

nlattr* NetlinkAttributes::find(int attribute) const {
  return length_ > 0 ? nla_find(first_, length_, attribute) : nullptr;
}

std::optional<std::uint32_t> NetlinkAttributes::u32(int attribute) const {
  const nlattr* found = find(attribute);
  if (found == nullptr || nla_len(found) != sizeof(std::uint32_t)) return std::nullopt;
  return nla_get_u32(found);
}

std::string NetlinkAttributes::text(int attribute) const {
  const nlattr* found = find(attribute);
  return found == nullptr ? std::string() : std::string(nla_get_string(found));
}

base::IpAddress NetlinkAttributes::address(int attribute) const {
  return base::IpAddress::from_bytes(bytes(attribute)).value_or(base::IpAddress{});
}

std::span<const std::uint8_t> NetlinkAttributes::bytes(int attribute) const {
  const nlattr* found = find(attribute);
  if (found == nullptr) return {};
  return {static_cast<const std::uint8_t*>(nla_data(found)), static_cast<std::size_t>(nla_len(found))};
}

}  // namespace sennit::io
