# Evaluates vagrant/Vagrantfile without Vagrant: records what it asks for and prints it as JSON.
# The words of `vagrant` follow the file's name: ruby vagrantfile_stub.rb Vagrantfile up
require "json"

# Takes any call; remembers assignments and calls with their arguments by the path of names that led there.
class Recorder < BasicObject
  def initialize(log, path)
    @log = log
    @path = path
  end

  def method_missing(name, *args, **options, &block)
    here = (@path + [name.to_s]).join(".")
    return ::Recorder.new(@log, @path + [name.to_s]) if args.empty? && options.empty? && block.nil?

    @log << [here, args.map { |value| value.is_a?(::Symbol) ? value.to_s : value }, options]
    block&.call(::Recorder.new(@log, @path + [name.to_s, args.first.to_s]))
  end

  def respond_to_missing?(*) = true

  def inspect = @path.join(".")
end

module Vagrant
  LOG = []

  def self.configure(version)
    LOG << ["configure", [version], {}]
    yield Recorder.new(LOG, [])
  end
end

file = ARGV.shift
load file
puts JSON.generate(Vagrant::LOG)
