// AMF0, Adobe's Action Message Format of 2007: what commands and metadata are written in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "media_svc/rtmp/amf_input.h"
#include "media_svc/rtmp/amf_value.h"
#include "media_svc/rtmp/error.h"

namespace weir::media::rtmp {

// AMF0 specification, section 2.1.
enum class Amf0Marker : std::uint8_t {
  kNumber = 0x00,
  kBoolean = 0x01,
  kString = 0x02,
  kObject = 0x03,
  kNull = 0x05,
  kUndefined = 0x06,
  kReference = 0x07,
  kEcmaArray = 0x08,
  kObjectEnd = 0x09,
  kStrictArray = 0x0a,
  kDate = 0x0b,
  kLongString = 0x0c,
  kUnsupported = 0x0d,
  kXmlDocument = 0x0f,
  kTypedObject = 0x10,
  kAvmPlus = 0x11,
};

// The next value. An object that the message's end cuts short between two properties is taken as
// it is: some encoders forget the end marker. kAmf: no value; kAmfDepth: nested too deeply.
Outcome<AmfValue> read_amf0(AmfInput& input);

// Appends values to bytes. Keys and values of an object come in turn; whoever uses it keeps the
// order, and the depth is theirs.
class Amf0Writer {
 public:
  explicit Amf0Writer(std::vector<std::uint8_t>& out) : out_(out) {}

  Amf0Writer& number(double value);
  Amf0Writer& boolean(bool value);
  // As a long string above 65,535 bytes.
  Amf0Writer& string(std::string_view value);
  Amf0Writer& null();
  Amf0Writer& begin_object();
  Amf0Writer& begin_ecma_array(std::uint32_t count);
  Amf0Writer& key(std::string_view name);
  // Of an object or an ECMA array.
  Amf0Writer& end_object();
  // Followed by exactly `count` values.
  Amf0Writer& begin_strict_array(std::uint32_t count);
  // What another writer made.
  Amf0Writer& encoded(std::span<const std::uint8_t> bytes);

 private:
  void marker(Amf0Marker value);
  void counted(Amf0Marker value, std::uint32_t count);
  // Room for so many bytes more, to be written at once.
  std::uint8_t* grow(std::size_t bytes);

  std::vector<std::uint8_t>& out_;
};

}  // namespace weir::media::rtmp
