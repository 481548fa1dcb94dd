using KernelPolicy.Index;
using NUnit.Framework;

namespace KernelPolicy.Tests.Index;

/// <summary>What a filter allows, counts and refuses.</summary>
public sealed class ItemFilterTests
{
    [Test]
    public void Lists_say_what_is_allowed([Values(1, 63, 64, 65, 200)] int items)
    {
        int[] some = [.. Enumerable.Range(0, items).Where(item => item % 3 == 0)];
        int[] others = [.. Enumerable.Range(0, items).Where(item => item % 2 == 0), 0];
        ItemFilter allow = ItemFilter.Allow(items, some);
        ItemFilter ban = ItemFilter.Ban(items, others);
        ItemFilter both = ItemFilter.Of(items, some, others);
        ItemFilter joined = allow.And(ban);
        Assert.Multiple(() =>
        {
            for (int item = 0; item < items; item++)
            {
                Assert.That(allow.Allows(item), Is.EqualTo(item % 3 == 0));
                Assert.That(ban.Allows(item), Is.EqualTo(item % 2 == 1));
                Assert.That(both.Allows(item), Is.EqualTo(item % 3 == 0 && item % 2 == 1));
                Assert.That(joined.Allows(item), Is.EqualTo(both.Allows(item)));
            }

            Assert.That(allow.Allowed, Is.EqualTo(some.Length));
            Assert.That(ban.Allowed, Is.EqualTo(items / 2));
            Assert.That(joined.Allowed, Is.EqualTo(both.Allowed));
            Assert.That(both.Allowed, Is.EqualTo((items + 2) / 6));
        });
    }

    [Test]
    public void Items_beyond_are_allowed_by_bans_alone()
    {
        ItemFilter ban = ItemFilter.Ban(10, [3]);
        ItemFilter allow = ItemFilter.Allow(200, [3, 150]);
        Assert.Multiple(() =>
        {
            Assert.That(ban.Allows(10) && ban.Allows(1000));
            Assert.That(allow.Allows(200), Is.False);
            Assert.That(ban.And(allow).Items, Is.EqualTo(200));
            Assert.That(ban.And(allow).Allowed, Is.EqualTo(1), "150 alone");
            Assert.That(allow.And(ban).Allows(150));
            Assert.That(ban.And(ItemFilter.Ban(100, [99])).Allowed, Is.EqualTo(98));
        });
    }

    [Test]
    public void Misuse_is_refused() => Assert.Multiple(() =>
    {
        ArgumentOutOfRangeException? error = Assert.Throws<ArgumentOutOfRangeException>(() => ItemFilter.Ban(10, [2, 10]));
        Assert.That(error!.Message, Does.Contain("Item 10 is not one of the filter's: 0 to 9."));
        Assert.Throws<ArgumentOutOfRangeException>(() => ItemFilter.Allow(10, [-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ItemFilter.Allow(-1, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => ItemFilter.Allow(1, []).Allows(-1));
        Assert.Throws<ArgumentNullException>(() => ItemFilter.Allow(1, []).And(null!));
    });
}
