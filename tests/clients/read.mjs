// Reads feeds with one npm parser and prints what it saw, or why it saw nothing:
// {url: [{id, title, link, date}] or "reason"}. Usage: node read.mjs rss-parser|feedsmith|feed-parser|feedparser URL...
const [, , parser, ...urls] = process.argv;

const readers = {
  async "rss-parser"(url) {
    const { default: Parser } = await import("rss-parser");
    const feed = await new Parser().parseURL(url);
    return feed.items.map((i) => ({ id: i.id ?? i.guid, title: i.title, link: i.link, date: i.isoDate }));
  },
  async feedsmith(url) {
    const { parseFeed } = await import("feedsmith");
    const { format, feed } = parseFeed(await text(url));
    const items = feed.entries ?? feed.items;
    return items.map((i) => ({
      id: format === "rss" ? i.guid?.value : i.id,
      title: typeof i.title === "string" ? i.title : i.title?.value,
      link: i.link ?? i.url ?? i.links?.find((l) => l.rel === "alternate")?.href,
      date: i.published ?? i.pubDate ?? i.date_published,
    }));
  },
  async "feed-parser"(url) {
    const { parseFeed } = await import("@rowanmanning/feed-parser");
    return parseFeed(await text(url)).items.map((i) => ({ id: i.id, title: i.title, link: i.url, date: i.published }));
  },
  async feedparser(url) {
    const { default: FeedParser } = await import("feedparser");
    const { Readable } = await import("node:stream");
    const found = Readable.from([await text(url)]).pipe(new FeedParser());
    const items = [];
    for await (const i of found) items.push({ id: i.guid, title: i.title, link: i.link, date: i.pubdate });
    return items;
  },
};

async function text(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.text();
}

async function seen(url) {
  try {
    const items = await readers[parser](url);
    return items.map((i) => ({ ...i, date: i.date && new Date(i.date).toISOString() }));
  } catch (error) {
    return String(error);
  }
}

console.log(JSON.stringify(Object.fromEntries(await Promise.all(urls.map(async (url) => [url, await seen(url)])))));
