// What `sennit status` and `sennit link list` print for people: aligned columns, one row a path or link.
// Takes plain values, gives text; prints nothing. Its form may change; scripts use JSON.
#pragma once

#include <string>
#include <vector>

#include "api/status.hpp"

namespace sennit::api {

// The whole status.
std::string to_table(const Status& status);

// The links of a client.
std::string to_table(const std::vector<LinkStatus>& links);

// "8.10M": three digits with k, M, G or T.
std::string rate_text(base::BitRate rate);

// "3 s", "12 min", "1 h 02 min", "3 d 04 h".
std::string age_text(base::Duration age);

}  // namespace sennit::api
