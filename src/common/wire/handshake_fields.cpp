#include "wire/handshake_fields.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "wire/bytes.hpp"
#include "wire/text.hpp"

namespace sennit::wire {
namespace {

enum class FieldType : std::uint8_t {
  kPadding = 0x00,
  kTimestamp = 0x81,
  kCiphers = 0x82,
  kSessionIndex = 0x83,
  kAddress = 0x04,
  kGatewayAddress = 0x05,
  kNetwork = 0x06,
  kSoftware = 0x07,
};

constexpr std::size_t kFieldHeaderSize = 2;
constexpr std::size_t kLongestValue = 255;
constexpr std::size_t kLongestSoftware = 32;
constexpr std::uint8_t kKnownCiphers = kCipherChaCha20Poly1305 | kCipherAes256Gcm;

enum class Verdict : std::uint8_t {
  kTaken,
  kMalformed,
  kUnknown,
};

Verdict verdict(bool is_well_formed) {
  return is_well_formed ? Verdict::kTaken : Verdict::kMalformed;
}

bool is_critical(FieldType type) {
  return (static_cast<unsigned>(type) & 0x80U) != 0;
}

// Hands each field to `take(type, value)`; false where the sequence is malformed or a critical field is not
// known.
template <class Take>
bool for_each_field(base::ConstByteSpan payload, Take take) {
  Reader reader(payload);
  while (!reader.rest().empty()) {
    const FieldType type{reader.u8()};
    const base::ConstByteSpan value = reader.bytes(reader.u8());
    if (!reader.ok()) return false;
    if (type == FieldType::kPadding) continue;
    const Verdict result = take(type, value);
    if (result == Verdict::kMalformed) return false;
    if (result == Verdict::kUnknown && is_critical(type)) return false;
  }
  return reader.ok();
}

// Each read_* takes one value; malformed also when a field that may not repeat was there before.

template <class Integer>
Verdict read_integer(base::ConstByteSpan value, std::size_t size, std::optional<Integer>& field) {
  if (value.size() != size || field) return Verdict::kMalformed;
  Integer read = 0;
  for (const std::uint8_t byte : value) {
    read = static_cast<Integer>((std::uint64_t{read} << 8U) | byte);
  }
  field = read;
  return Verdict::kTaken;
}

Verdict read_prefix(base::ConstByteSpan value, std::vector<base::Prefix>& list) {
  if (value.empty()) return Verdict::kMalformed;
  const std::optional<base::IpAddress> address = base::IpAddress::from_bytes(value.subspan(1));
  if (!address || value.front() > address->width()) return Verdict::kMalformed;
  list.emplace_back(*address, value.front());
  return Verdict::kTaken;
}

Verdict read_software(base::ConstByteSpan value, std::optional<std::string>& field) {
  if (value.size() > kLongestSoftware || field) return Verdict::kMalformed;
  field.emplace(value.begin(), value.end());
  return verdict(is_printable_ascii(*field));
}

// Appends fields to a payload, never beyond its limit. Once a field did not fit, no later one is written.
class FieldWriter {
 public:
  explicit FieldWriter(std::size_t largest) : largest_(largest) {}

  void add(FieldType type, base::ConstByteSpan value) {
    ok_ = ok_ && payload_.size() + kFieldHeaderSize + value.size() <= largest_;
    if (!ok_) return;
    payload_.push_back(static_cast<std::uint8_t>(type));
    payload_.push_back(static_cast<std::uint8_t>(value.size()));
    payload_.insert(payload_.end(), value.begin(), value.end());
  }

  void add_integer(FieldType type, std::uint64_t value, std::size_t size) {
    std::array<std::uint8_t, 8> bytes{};
    Writer(bytes).u64(value);
    add(type, base::ConstByteSpan(bytes).last(size));
  }

  void add_prefixes(FieldType type, const std::vector<base::Prefix>& prefixes) {
    for (const base::Prefix& prefix : prefixes) {
      const base::ConstByteSpan address = prefix.address().bytes();
      std::array<std::uint8_t, 17> value{};
      value[0] = static_cast<std::uint8_t>(prefix.length());
      std::ranges::copy(address, value.begin() + 1);
      add(type, base::ConstByteSpan(value).first(1 + address.size()));
    }
  }

  // Left out where it is empty or not what the field allows: it is for diagnosis only.
  void add_software(std::string_view software) {
    if (software.empty() || software.size() > kLongestSoftware || !is_printable_ascii(software)) return;
    add(FieldType::kSoftware, {reinterpret_cast<const std::uint8_t*>(software.data()), software.size()});
  }

  // Padding fields up to `smallest` bytes in all; one byte more where only one is missing.
  void pad_to(std::size_t smallest) {
    static constexpr std::array<std::uint8_t, kLongestValue> kZeros{};
    while (ok_ && payload_.size() < smallest) {
      const std::size_t gap = std::max(smallest - payload_.size(), kFieldHeaderSize);
      std::size_t size = std::min(gap - kFieldHeaderSize, kLongestValue);
      if (gap - kFieldHeaderSize - size == 1) --size;
      add(FieldType::kPadding, base::ConstByteSpan(kZeros).first(size));
    }
  }

  // Whether everything fitted so far.
  bool ok() const { return ok_; }
  std::vector<std::uint8_t> take() { return std::move(payload_); }

 private:
  std::size_t largest_;
  std::vector<std::uint8_t> payload_;
  bool ok_ = true;
};

}  // namespace

std::optional<InitiationFields> InitiationFields::parse(base::ConstByteSpan payload) {
  InitiationFields fields;
  std::optional<std::uint64_t> timestamp;
  std::optional<std::uint8_t> ciphers;
  std::optional<std::string> software;
  const auto take = [&](FieldType type, base::ConstByteSpan value) {
    switch (type) {
      case FieldType::kTimestamp: return read_integer(value, 8, timestamp);
      case FieldType::kCiphers: return read_integer(value, 1, ciphers);
      case FieldType::kAddress: return read_prefix(value, fields.addresses);
      case FieldType::kNetwork: return read_prefix(value, fields.networks);
      case FieldType::kSoftware: return read_software(value, software);
      default: return Verdict::kUnknown;
    }
  };
  if (!for_each_field(payload, take) || !timestamp || !ciphers) return std::nullopt;
  if ((*ciphers & kCipherChaCha20Poly1305) == 0) return std::nullopt;
  fields.timestamp = *timestamp;
  fields.ciphers = *ciphers & kKnownCiphers;
  fields.software = software.value_or("");
  return fields;
}

std::optional<std::vector<std::uint8_t>> InitiationFields::serialize(std::size_t smallest,
                                                                     std::size_t largest) const {
  FieldWriter writer(largest);
  writer.add_integer(FieldType::kTimestamp, timestamp, 8);
  writer.add_integer(FieldType::kCiphers, ciphers, 1);
  writer.add_prefixes(FieldType::kAddress, addresses);
  writer.add_prefixes(FieldType::kNetwork, networks);
  writer.add_software(software);
  writer.pad_to(smallest);
  if (!writer.ok()) return std::nullopt;
  return writer.take();
}

std::optional<ResponseFields> ResponseFields::parse(base::ConstByteSpan payload) {
  ResponseFields fields;
  std::optional<std::uint8_t> cipher;
  std::optional<std::uint32_t> index;
  std::optional<std::string> software;
  const auto take = [&](FieldType type, base::ConstByteSpan value) {
    switch (type) {
      case FieldType::kCiphers: return read_integer(value, 1, cipher);
      case FieldType::kSessionIndex: return read_integer(value, 3, index);
      case FieldType::kAddress: return read_prefix(value, fields.addresses);
      case FieldType::kGatewayAddress: return read_prefix(value, fields.gateway_addresses);
      case FieldType::kNetwork: return read_prefix(value, fields.networks);
      case FieldType::kSoftware: return read_software(value, software);
      default: return Verdict::kUnknown;
    }
  };
  if (!for_each_field(payload, take) || !cipher || !index) return std::nullopt;
  if (*cipher != kCipherChaCha20Poly1305 && *cipher != kCipherAes256Gcm) return std::nullopt;
  fields.cipher = *cipher;
  fields.index.value = *index;
  fields.software = software.value_or("");
  return fields;
}

std::optional<std::vector<std::uint8_t>> ResponseFields::serialize(std::size_t largest) const {
  FieldWriter writer(largest);
  writer.add_integer(FieldType::kCiphers, cipher, 1);
  writer.add_integer(FieldType::kSessionIndex, index.value, 3);
  writer.add_prefixes(FieldType::kAddress, addresses);
  if (!writer.ok()) return std::nullopt;
  writer.add_prefixes(FieldType::kGatewayAddress, gateway_addresses);
  writer.add_prefixes(FieldType::kNetwork, networks);
  writer.add_software(software);
  return writer.take();
}

}  // namespace sennit::wire
