// Which texts from the other end may be shown: nothing that could steer a terminal or break a log.
// Used where names arrive (handshake fields, path messages). Does not convert or shorten.
#pragma once

#include <string_view>

namespace sennit::wire {

// Only the bytes 0x20 to 0x7E.
bool is_printable_ascii(std::string_view text);

// Valid UTF-8 (RFC 3629) without control characters.
bool is_printable_utf8(std::string_view text);

}  // namespace sennit::wire
