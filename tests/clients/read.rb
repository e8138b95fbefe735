# Reads a feed with Ruby's rss library in its validating mode and prints what it saw: [{id, title, link, date}].
# Usage: ruby read.rb FILE
require "json"
require "rss"
require "time"

feed = RSS::Parser.parse(File.read(ARGV[0], encoding: "UTF-8"), true)
items = feed.items.map do |item|
  if feed.feed_type == "atom"
    link = item.links.find { |l| l.rel == "alternate" }
    { id: item.id.content, title: item.title.content, link: link.href, date: item.published.content }
  else
    { id: item.guid.content, title: item.title, link: item.link, date: item.pubDate }
  end
end
puts JSON.generate(items.map { |i| i.merge(date: i[:date].utc.iso8601) })
