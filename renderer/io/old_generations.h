// Workers of nginx that only finish what they have. Each reload leaves a generation of them, which lives as long as its
// last connection.
#pragma once
#include <deque>

#include "renderer/io/nginx_workers.h"

namespace longshore::render {

class OldGenerations {
 public:
  // The workers that a reload has replaced.
  void add(WorkerGeneration replaced);
  // Generations that live, the one that serves among them: at least 1.
  std::size_t living();
  // None of them accepts connections any more.
  bool settled() const;
  // Connections that they still have, as far as /proc shows them.
  std::size_t connections() const;
  // The oldest ones end now, with what they have; how many workers were told.
  std::size_t end_oldest(std::size_t count);

 private:
  std::deque<WorkerGeneration> generations_;  // the oldest first
};

}  // namespace longshore::render
