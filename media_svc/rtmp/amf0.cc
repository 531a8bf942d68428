#include "media_svc/rtmp/amf0.h"

#include <bit>
#include <cstring>

#include "media_svc/rtmp/amf3.h"
#include "media_svc/rtmp/byte_order.h"

namespace weir::media::rtmp {
namespace {

constexpr std::uint8_t byte_of(Amf0Marker marker) { return static_cast<std::uint8_t>(marker); }

double load_double(const std::uint8_t* at) {
  return std::bit_cast<double>(std::uint64_t{load_u32(at)} << 32 | load_u32(at + 4));
}

class Amf0Decoder {
 public:
  explicit Amf0Decoder(AmfInput& input) : input_(input) {}

  Outcome<AmfValue> value() {
    const auto marker = input_.take(1);
    if (!marker) return amf_truncated();
    switch (static_cast<Amf0Marker>((*marker)[0])) {
      case Amf0Marker::kNumber:
        return number();
      case Amf0Marker::kBoolean:
        return boolean();
      case Amf0Marker::kString:
        return text(2);
      case Amf0Marker::kLongString:
        return text(4);
      case Amf0Marker::kNull:
        return AmfValue(AmfNull{});
      case Amf0Marker::kUndefined:
      case Amf0Marker::kUnsupported:
        return AmfValue();
      case Amf0Marker::kReference:
        return skipped(2);
      case Amf0Marker::kDate:
        return skipped(8 + 2);
      case Amf0Marker::kXmlDocument:
        return xml_document();
      case Amf0Marker::kObject:
        return object();
      case Amf0Marker::kTypedObject:
        return typed_object();
      case Amf0Marker::kEcmaArray:
        // The count is a hint that many writers get wrong; the end marker decides.
        if (!input_.take(4)) return amf_truncated();
        return object();
      case Amf0Marker::kStrictArray:
        return strict_array();
      case Amf0Marker::kAvmPlus:
        return read_amf3(input_);
      case Amf0Marker::kObjectEnd:
        break;
    }
    return Fault{Error::kAmf, "unknown AMF0 marker"};
  }

 private:
  Outcome<AmfValue> number() {
    const auto bytes = input_.take(8);
    if (!bytes) return amf_truncated();
    return AmfValue(load_double(bytes->data()));
  }

  Outcome<AmfValue> boolean() {
    const auto bytes = input_.take(1);
    if (!bytes) return amf_truncated();
    return AmfValue((*bytes)[0] != 0);
  }

  std::optional<std::span<const std::uint8_t>> counted(std::size_t count_bytes) {
    const auto count = input_.take(count_bytes);
    if (!count) return std::nullopt;
    return input_.take(count_bytes == 2 ? load_u16(count->data()) : load_u32(count->data()));
  }

  Outcome<AmfValue> text(std::size_t count_bytes) {
    const auto bytes = counted(count_bytes);
    if (!bytes) return amf_truncated();
    return AmfValue(to_text(*bytes));
  }

  Outcome<AmfValue> skipped(std::size_t count) {
    if (!input_.take(count)) return amf_truncated();
    return AmfValue();
  }

  Outcome<AmfValue> xml_document() {
    if (!counted(4)) return amf_truncated();
    return AmfValue();
  }

  Outcome<AmfValue> typed_object() {
    if (!counted(2)) return amf_truncated();
    return object();
  }

  Outcome<AmfValue> object() {
    if (!input_.enter()) return amf_too_deep();
    AmfObject object;
    while (!input_.at_end()) {
      const auto name = counted(2);
      if (!name) return amf_truncated();
      if (name->empty() && (input_.at_end() || is_object_end(input_.rest()[0]))) {
        input_.skip(input_.at_end() ? 0 : 1);
        break;
      }
      auto property = value();
      if (!property) return property.error();
      object.properties.push_back({to_text(*name), std::move(*property)});
    }
    input_.leave();
    return AmfValue(std::move(object));
  }

  Outcome<AmfValue> strict_array() {
    if (!input_.enter()) return amf_too_deep();
    const auto count = input_.take(4);
    if (!count) return amf_truncated();
    AmfArray array;
    for (std::uint32_t left = load_u32(count->data()); left > 0; --left) {
      auto item = value();
      if (!item) return item.error();
      array.items.push_back(std::move(*item));
    }
    input_.leave();
    return AmfValue(std::move(array));
  }

  static bool is_object_end(std::uint8_t byte) {
    return static_cast<Amf0Marker>(byte) == Amf0Marker::kObjectEnd;
  }

  AmfInput& input_;
};

}  // namespace

Outcome<AmfValue> read_amf0(AmfInput& input) { return Amf0Decoder(input).value(); }

Amf0Writer& Amf0Writer::number(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  std::uint8_t* const at = grow(1 + sizeof bits);
  *at = byte_of(Amf0Marker::kNumber);
  store_u32(at + 1, static_cast<std::uint32_t>(bits >> 32));
  store_u32(at + 5, static_cast<std::uint32_t>(bits));
  return *this;
}

Amf0Writer& Amf0Writer::boolean(bool value) {
  std::uint8_t* const at = grow(2);
  at[0] = byte_of(Amf0Marker::kBoolean);
  at[1] = value ? 1 : 0;
  return *this;
}

Amf0Writer& Amf0Writer::string(std::string_view value) {
  if (value.size() <= 0xFFFF) {
    marker(Amf0Marker::kString);
    return key(value);
  }
  std::uint8_t* const at = grow(1 + 4 + value.size());
  *at = byte_of(Amf0Marker::kLongString);
  store_u32(at + 1, static_cast<std::uint32_t>(value.size()));
  std::memcpy(at + 5, value.data(), value.size());
  return *this;
}

Amf0Writer& Amf0Writer::null() {
  marker(Amf0Marker::kNull);
  return *this;
}

Amf0Writer& Amf0Writer::begin_object() {
  marker(Amf0Marker::kObject);
  return *this;
}

Amf0Writer& Amf0Writer::begin_ecma_array(std::uint32_t count) {
  counted(Amf0Marker::kEcmaArray, count);
  return *this;
}

Amf0Writer& Amf0Writer::key(std::string_view name) {
  std::uint8_t* const at = grow(2 + name.size());
  store_u16(at, static_cast<std::uint32_t>(name.size()));
  if (!name.empty()) std::memcpy(at + 2, name.data(), name.size());
  return *this;
}

Amf0Writer& Amf0Writer::end_object() {
  key("");
  marker(Amf0Marker::kObjectEnd);
  return *this;
}

Amf0Writer& Amf0Writer::begin_strict_array(std::uint32_t count) {
  counted(Amf0Marker::kStrictArray, count);
  return *this;
}

Amf0Writer& Amf0Writer::encoded(std::span<const std::uint8_t> bytes) {
  if (!bytes.empty()) std::memcpy(grow(bytes.size()), bytes.data(), bytes.size());
  return *this;
}

void Amf0Writer::marker(Amf0Marker value) { out_.push_back(byte_of(value)); }

void Amf0Writer::counted(Amf0Marker value, std::uint32_t count) {
  std::uint8_t* const at = grow(1 + 4);
  *at = byte_of(value);
  store_u32(at + 1, count);
}

std::uint8_t* Amf0Writer::grow(std::size_t bytes) {
  const std::size_t before = out_.size();
  out_.resize(before + bytes);
  return out_.data() + before;
}

}  // namespace weir::media::rtmp
