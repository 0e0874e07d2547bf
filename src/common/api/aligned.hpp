// Columns for people: the one form in which tables are printed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sennit::api {

using Row = std::vector<std::string>;

// Rows of equally many cells; columns as wide as their widest cell, two spaces apart.
std::string aligned(const std::vector<Row>& rows, std::string_view indent);

// A number with so many digits behind the point.
std::string decimal(double value, int digits);

}  // namespace sennit::api
