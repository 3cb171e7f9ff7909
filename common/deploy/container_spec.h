// What a new container is made of: the one that serves now, with another image and another colour. Pure.
#pragma once
#include <string>
#include <vector>

#include "common/json/json.h"

namespace longshore::deploy {

inline constexpr const char* kServiceLabel = "longshore.deploy.service";
inline constexpr const char* kColorLabel = "longshore.deploy.color";
inline constexpr const char* kRunLabel = "longshore.deploy.run";

// How an instance's colour is told: by the name of its service ("books-green"), by a tag of it, or by Meta `color`
// alone. Whoever has a tag has the Meta too.
enum class ColorBy { name, tag, meta };

struct ContainerWish {
  std::string service;                   // without the colour
  std::string color;                     // of the new one
  std::vector<std::string> colors;       // all there are
  std::string image;                     // as a user writes it
  std::vector<std::string> environment;  // NAME=VALUE, over what the old one has
  std::vector<std::string> labels;       // likewise
  std::string network;                   // "": as the old one, or the engine's usual one
  std::string run = {};                  // the rolling change that makes it, "" = none
  ColorBy color_by = ColorBy::name;
};

// "books-green": the name under which a colour is registered.
std::string service_name(const std::string& service, const std::string& color);

// The body of POST /containers/create. `old`: the answer of GET /containers/<id>/json of a container to take after;
// null: there is none, and all ports of the image are published. `old_image`: of GET /images/<id>/json; what the old
// container has from its image, the new one has from its own. Fixed host ports become any free one, the name under
// which the service is registered becomes the colour's, an ID of the user's own is dropped.
json::Value create_body(const json::Value& old, const json::Value& old_image, const ContainerWish& wish);

// Networks beside the first, which Docker takes only one by one: POST /networks/<name>/connect.
std::vector<std::string> further_networks(const json::Value& old, const ContainerWish& wish);

}  // namespace longshore::deploy
