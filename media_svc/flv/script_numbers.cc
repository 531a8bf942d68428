#include "media_svc/flv/script_numbers.h"

#include <bit>
#include <cstddef>

#include "media_svc/flv/byte_reader.h"

namespace weir::media::flv {
namespace {

// AMF0 markers, section 2.1.
enum class Marker : std::uint8_t {
  kNumber = 0,
  kBoolean = 1,
  kString = 2,
  kObject = 3,
  kNull = 5,
  kUndefined = 6,
  kReference = 7,
  kEcmaArray = 8,
  kObjectEnd = 9,
  kStrictArray = 10,
  kDate = 11,
  kLongString = 12,
};

double read_double(ByteReader& reader) {
  const std::uint64_t high = reader.u32();
  return std::bit_cast<double>(high << 32 | reader.u32());
}

std::string_view read_name(ByteReader& reader) {
  const auto bytes = reader.take(reader.u16());
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The strict arrays of real metadata hold numbers: times and positions of keyframes.
bool skip_numbers(ByteReader& reader) {
  constexpr std::size_t kNumberBytes = 9;
  const std::size_t count = reader.u32();
  if (count > reader.rest().size() / kNumberBytes) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (static_cast<Marker>(reader.u8()) != Marker::kNumber) return false;
    reader.take(kNumberBytes - 1);
  }
  return true;
}

// Skips a value that holds no others; false for one that does, and for what is unknown.
bool skip_plain(Marker marker, ByteReader& reader) {
  switch (marker) {
    case Marker::kNumber:
      reader.take(8);
      return true;
    case Marker::kBoolean:
      reader.take(1);
      return true;
    case Marker::kString:
      reader.take(reader.u16());
      return true;
    case Marker::kLongString:
      reader.take(reader.u32());
      return true;
    case Marker::kReference:
      reader.take(2);
      return true;
    case Marker::kDate:
      reader.take(10);
      return true;
    case Marker::kNull:
    case Marker::kUndefined:
      return true;
    case Marker::kStrictArray:
      return skip_numbers(reader);
    case Marker::kObject:
    case Marker::kEcmaArray:
    case Marker::kObjectEnd:
      break;
  }
  return false;
}

// Skips any value. Counts how many objects are open instead of calling itself: no nesting is too
// deep.
bool skip_value(Marker marker, ByteReader& reader) {
  std::size_t open = 0;
  while (true) {
    if (marker == Marker::kObject || marker == Marker::kEcmaArray) {
      if (marker == Marker::kEcmaArray) reader.take(4);
      ++open;
    } else if (marker == Marker::kObjectEnd && open > 0) {
      --open;
    } else if (!skip_plain(marker, reader)) {
      return false;
    }
    if (open == 0 || !reader.ok()) return reader.ok();
    read_name(reader);
    marker = static_cast<Marker>(reader.u8());
  }
}

}  // namespace

void for_each_script_number(std::span<const std::uint8_t> script,
                            const std::function<void(std::string_view name, double value)>& each) {
  ByteReader reader(script);
  if (static_cast<Marker>(reader.u8()) != Marker::kString) return;
  read_name(reader);
  const auto container = static_cast<Marker>(reader.u8());
  if (container == Marker::kEcmaArray) reader.take(4);
  if (container != Marker::kEcmaArray && container != Marker::kObject) return;
  while (reader.ok() && !reader.rest().empty()) {
    const std::string_view name = read_name(reader);
    const auto marker = static_cast<Marker>(reader.u8());
    if (marker == Marker::kNumber) {
      const double value = read_double(reader);
      if (reader.ok()) each(name, value);
    } else if (marker == Marker::kBoolean) {
      const std::uint8_t value = reader.u8();
      if (reader.ok()) each(name, value == 0 ? 0 : 1);
    } else if (!skip_value(marker, reader)) {
      return;
    }
  }
}

}  // namespace weir::media::flv
