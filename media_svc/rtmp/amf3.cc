#include "media_svc/rtmp/amf3.h"

#include <bit>
#include <optional>
#include <utility>

#include "media_svc/rtmp/byte_order.h"

namespace weir::media::rtmp {
namespace {

// AMF3 specification, section 3.1.
enum class Amf3Marker : std::uint8_t {
  kUndefined = 0x00,
  kNull = 0x01,
  kFalse = 0x02,
  kTrue = 0x03,
  kInteger = 0x04,
  kDouble = 0x05,
  kString = 0x06,
  kXmlDocument = 0x07,
  kDate = 0x08,
  kArray = 0x09,
  kObject = 0x0a,
  kXml = 0x0b,
  kByteArray = 0x0c,
};

// What an object's class says of its properties (section 3.12).
struct Traits {
  std::vector<std::string> members;
  bool dynamic = false;
};

class Amf3Decoder {
 public:
  explicit Amf3Decoder(AmfInput& input) : input_(input) {}

  Outcome<AmfValue> value() {
    const auto marker = input_.take(1);
    if (!marker) return amf_truncated();
    switch (static_cast<Amf3Marker>((*marker)[0])) {
      case Amf3Marker::kUndefined:
        return AmfValue();
      case Amf3Marker::kNull:
        return AmfValue(AmfNull{});
      case Amf3Marker::kFalse:
        return AmfValue(false);
      case Amf3Marker::kTrue:
        return AmfValue(true);
      case Amf3Marker::kInteger:
        return integer();
      case Amf3Marker::kDouble:
        return number();
      case Amf3Marker::kString: {
        auto text = string();
        if (!text) return text.error();
        return AmfValue(std::move(*text));
      }
      case Amf3Marker::kDate:
        return date();
      case Amf3Marker::kXmlDocument:
      case Amf3Marker::kXml:
      case Amf3Marker::kByteArray:
        return opaque();
      case Amf3Marker::kArray:
        return array();
      case Amf3Marker::kObject:
        return object();
    }
    return Fault{Error::kAmf, "unknown AMF3 marker"};
  }

 private:
  // Up to four bytes, seven bits each but for the last (section 1.3.1).
  std::optional<std::uint32_t> u29() {
    std::uint32_t result = 0;
    for (int i = 0; i < 4; ++i) {
      const auto byte = input_.take(1);
      if (!byte) return std::nullopt;
      const std::uint32_t bits = (*byte)[0];
      if (i == 3) return result << 8 | bits;
      result = result << 7 | (bits & 0x7F);
      if (bits < 0x80) break;
    }
    return result;
  }

  Outcome<AmfValue> integer() {
    const auto bits = u29();
    if (!bits) return amf_truncated();
    const bool negative = (*bits & 0x1000'0000) != 0;
    return AmfValue(static_cast<double>(*bits) - (negative ? 0x2000'0000 : 0));
  }

  Outcome<AmfValue> number() {
    const auto bytes = input_.take(8);
    if (!bytes) return amf_truncated();
    const auto bits = std::uint64_t{load_u32(bytes->data())} << 32 | load_u32(bytes->data() + 4);
    return AmfValue(std::bit_cast<double>(bits));
  }

  Outcome<std::string> string() {
    const auto head = u29();
    if (!head) return amf_truncated();
    const std::size_t count = *head >> 1;
    if ((*head & 1) == 0) {
      if (count >= strings_.size()) return bad_reference();
      if (!input_.expand(strings_[count].size())) return expanded_too_far();
      return strings_[count];
    }
    const auto bytes = input_.take(count);
    if (!bytes) return amf_truncated();
    auto text = to_text(*bytes);
    if (!text.empty()) strings_.push_back(text);
    return text;
  }

  Outcome<AmfValue> date() {
    const auto head = u29();
    if (!head) return amf_truncated();
    if ((*head & 1) != 0 && !input_.take(8)) return amf_truncated();
    return AmfValue();
  }

  Outcome<AmfValue> opaque() {
    const auto head = u29();
    if (!head) return amf_truncated();
    if ((*head & 1) != 0 && !input_.take(*head >> 1)) return amf_truncated();
    return AmfValue();
  }

  Outcome<AmfValue> array() {
    const auto head = u29();
    if (!head) return amf_truncated();
    if ((*head & 1) == 0) return AmfValue();
    if (!input_.enter()) return amf_too_deep();
    AmfObject associative;
    if (const auto fault = dynamic_members(associative)) return *fault;
    AmfArray dense;
    for (std::uint32_t left = *head >> 1; left > 0; --left) {
      auto item = value();
      if (!item) return item.error();
      dense.items.push_back(std::move(*item));
    }
    input_.leave();
    if (!associative.properties.empty()) return AmfValue(std::move(associative));
    return AmfValue(std::move(dense));
  }

  Outcome<AmfValue> object() {
    const auto head = u29();
    if (!head) return amf_truncated();
    if ((*head & 1) == 0) return AmfValue();
    if (!input_.enter()) return amf_too_deep();
    auto traits = object_traits(*head);
    if (!traits) return traits.error();
    AmfObject object;
    // By index: a nested object may add to the table, and move it, while this one is read.
    // NOLINTNEXTLINE(modernize-loop-convert)
    for (std::size_t i = 0; i < traits_[*traits].members.size(); ++i) {
      std::string name = traits_[*traits].members[i];
      if (!input_.expand(name.size())) return expanded_too_far();
      auto member = value();
      if (!member) return member.error();
      object.properties.push_back({std::move(name), std::move(*member)});
    }
    if (traits_[*traits].dynamic) {
      if (auto fault = dynamic_members(object)) return *fault;
    }
    input_.leave();
    return AmfValue(std::move(object));
  }

  // The index in `traits_` of the traits that an object's header names or carries.
  Outcome<std::size_t> object_traits(std::uint32_t head) {
    if ((head & 2) == 0) {
      const std::size_t index = head >> 2;
      if (index >= traits_.size()) return bad_reference();
      return index;
    }
    if ((head & 4) != 0) return Fault{Error::kAmf, "externalizable AMF3 object"};
    if (auto class_name = string(); !class_name) return class_name.error();
    Traits traits;
    traits.dynamic = (head & 8) != 0;
    for (std::uint32_t left = head >> 4; left > 0; --left) {
      auto member = string();
      if (!member) return member.error();
      traits.members.push_back(std::move(*member));
    }
    traits_.push_back(std::move(traits));
    return traits_.size() - 1;
  }

  // Name and value in turn until an empty name.
  std::optional<Fault> dynamic_members(AmfObject& object) {
    for (;;) {
      auto name = string();
      if (!name) return name.error();
      if (name->empty()) return std::nullopt;
      auto member = value();
      if (!member) return member.error();
      object.properties.push_back({std::move(*name), std::move(*member)});
    }
  }

  static Fault bad_reference() { return {Error::kAmf, "AMF3 reference to nothing"}; }
  static Fault expanded_too_far() { return {Error::kAmf, "AMF3 references expand too far"}; }

  AmfInput& input_;
  std::vector<std::string> strings_;
  std::vector<Traits> traits_;
};

}  // namespace

Outcome<AmfValue> read_amf3(AmfInput& input) { return Amf3Decoder(input).value(); }

}  // namespace weir::media::rtmp
