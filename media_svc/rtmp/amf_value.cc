#include "media_svc/rtmp/amf_value.h"

#include <algorithm>

namespace weir::media::rtmp {

const AmfValue* AmfObject::find(std::string_view name) const {
  const auto found = std::ranges::find(properties, name, &AmfProperty::name);
  return found == properties.end() ? nullptr : &found->value;
}

std::string AmfObject::text(std::string_view name) const {
  const AmfValue* value = find(name);
  return value ? std::string(value->text()) : std::string();
}

bool AmfObject::operator==(const AmfObject& other) const = default;
bool AmfArray::operator==(const AmfArray& other) const = default;
bool AmfValue::operator==(const AmfValue& other) const = default;

AmfValue::AmfValue() = default;
AmfValue::AmfValue(AmfNull value) : value_(value) {}
AmfValue::AmfValue(bool value) : value_(value) {}
AmfValue::AmfValue(double value) : value_(value) {}
AmfValue::AmfValue(std::string value) : value_(std::move(value)) {}
AmfValue::AmfValue(AmfObject value) : value_(std::move(value)) {}
AmfValue::AmfValue(AmfArray value) : value_(std::move(value)) {}

std::string_view AmfValue::text() const {
  const auto* text = get_if<std::string>();
  return text ? std::string_view(*text) : std::string_view();
}

double AmfValue::number(double otherwise) const {
  if (const auto* number = get_if<double>()) return *number;
  if (const auto* flag = get_if<bool>()) return *flag ? 1 : 0;
  return otherwise;
}

bool AmfValue::boolean(bool otherwise) const {
  if (const auto* flag = get_if<bool>()) return *flag;
  if (const auto* number = get_if<double>()) return *number != 0;
  return otherwise;
}

}  // namespace weir::media::rtmp
