# Reads feeds with Ruby's rss library in its validating mode and prints what it saw, or why it saw nothing:
# {url: [{id, title, link, date}] or "reason"}. Usage: ruby read.rb URL...
require "json"
require "open-uri"
require "rss"
require "time"

def seen(url)
  feed = RSS::Parser.parse(URI.parse(url).open(&:read), true)
  items = feed.items.map do |item|
    if feed.feed_type == "atom"
      link = item.links.find { |l| l.rel == "alternate" }
      { id: item.id.content, title: item.title.content, link: link.href, date: item.published.content }
    else
      { id: item.guid.content, title: item.title, link: item.link, date: item.pubDate }
    end
  end
  items.map { |i| i.merge(date: i[:date].utc.iso8601) }
rescue StandardError => e
  "#{e.class}: #{e.message}"
end

puts JSON.generate(ARGV.to_h { |url| [url, seen(url)] })
