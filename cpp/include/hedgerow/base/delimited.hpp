/// Delimited text (CSV) as columns of distinct texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hedgerow/base/export.hpp"
#include "hedgerow/base/texts.hpp"

namespace hedgerow {

/// A row with too few or too many fields.
struct MisshapenRow {
    std::int64_t line;
    std::size_t fields;
    std::string text;  ///< the fields with the delimiter ',' between them
};

struct DelimitedText {
    std::vector<EncodedTexts> columns;
    std::vector<std::int64_t> lines;  ///< per row, the line where it begins, counted from 1
    std::vector<MisshapenRow> misshapen;
};

/// Reads rows of `width` fields, without a header. Rows end with \n, \r or \r\n; empty lines are
/// no rows. A field that begins with a double quote ends with one, and may hold delimiters, line
/// breaks and doubled quotes (RFC 4180); elsewhere a quote is a character like others.
/// @throws InvalidInput naming the line in which a quoted field goes on after its closing quote, or
///     the last one when it does not end; a width of zero; rows beyond 2^31.
HEDGEROW_API DelimitedText read_delimited(std::string_view text, char delimiter, std::size_t width);

}  // namespace hedgerow
