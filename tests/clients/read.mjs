// Reads a feed with one npm parser and prints what it saw: [{id, title, link, date}], newest first as in the feed.
// Usage: node read.mjs rss-parser|feedsmith|feed-parser URL
const [, , parser, url] = process.argv;

const readers = {
  async "rss-parser"() {
    const { default: Parser } = await import("rss-parser");
    const feed = await new Parser().parseURL(url);
    return feed.items.map((i) => ({ id: i.id ?? i.guid, title: i.title, link: i.link, date: i.isoDate }));
  },
  async feedsmith() {
    const { parseFeed } = await import("feedsmith");
    const { format, feed } = parseFeed(await text());
    const items = feed.entries ?? feed.items;
    return items.map((i) => ({
      id: format === "rss" ? i.guid?.value : i.id,
      title: typeof i.title === "string" ? i.title : i.title?.value,
      link: i.link ?? i.url ?? i.links?.find((l) => l.rel === "alternate")?.href,
      date: i.published ?? i.pubDate ?? i.date_published,
    }));
  },
  async "feed-parser"() {
    const { parseFeed } = await import("@rowanmanning/feed-parser");
    return parseFeed(await text()).items.map((i) => ({ id: i.id, title: i.title, link: i.url, date: i.published }));
  },
};

async function text() {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.text();
}

const items = await readers[parser]();
console.log(JSON.stringify(items.map((i) => ({ ...i, date: i.date && new Date(i.date).toISOString() }))));
