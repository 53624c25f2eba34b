package io.waitdaemon.runtime.containerd;

import io.waitdaemon.container.Json;
import io.waitdaemon.runtime.EngineException;
import io.waitdaemon.runtime.EngineException.Kind;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Who a container of an image runs as, in numbers: runc knows no names. Names are looked up in the image's own
 * /etc/passwd and /etc/group, which are read only when there is a name to look up.
 */
final class ImageUser {

    private static final String PASSWD = "etc/passwd";
    private static final String GROUP = "etc/group";
    private static final int ID_COLUMN = 2;
    private static final int GROUP_COLUMN = 3;
    private static final int MEMBERS_COLUMN = 3;

    private final String text;
    private final Supplier<Map<String, String>> files;
    private @Nullable Map<String, String> read;

    /**
     * @param text {@code user}, {@code user:group}, in names or numbers; empty for root
     * @param files reads /etc/passwd and /etc/group
     */
    private ImageUser(String text, Supplier<Map<String, String>> files) {
        this.text = text;
        this.files = files;
    }

    /** Reads them when they are first asked for, and once: it may mean to fetch all layers. */
    private Map<String, String> read() {
        Map<String, String> known = read;
        if (known == null) {
            known = files.get();
            read = known;
        }
        return known;
    }

    /** {@code process.user} of an OCI runtime specification. */
    static JsonObject of(ContainerdNamespace namespace, StoredImage image) {
        String text = Json.text(image.config(), "User");
        return new ImageUser(text, () -> new LayerFiles(namespace, image).read(Set.of(PASSWD, GROUP))).resolve();
    }

    /** As {@link #of(ContainerdNamespace, StoredImage)}, from files that are there already. */
    static JsonObject of(String text, Map<String, String> files) {
        return new ImageUser(text, () -> files).resolve();
    }

    private JsonObject resolve() {
        String[] parts = text.split(":", 2);
        String user = parts[0];
        Optional<String> group = parts.length > 1 ? Optional.of(parts[1]) : Optional.empty();
        if (user.isEmpty() || user.equals("root") || user.equals("0")) {
            return group.isEmpty() ? json(0, 0, LongStream.empty()) : json(0, groupId(group.get()), LongStream.empty());
        }
        OptionalLong number = number(user);
        if (number.isPresent()
                && group.flatMap(name -> number(name).isPresent() ? group : Optional.empty())
                        .isPresent()) {
            return json(number.getAsLong(), groupId(group.get()), LongStream.empty());
        }
        Optional<List<String>> entry = rows(PASSWD)
                .filter(row -> row.size() > GROUP_COLUMN
                        && (row.getFirst().equals(user) || row.get(ID_COLUMN).equals(user)))
                .findFirst();
        if (entry.isEmpty() && number.isEmpty()) {
            throw new EngineException(
                    Kind.REFUSED,
                    "the image's user \"" + text + "\" is not in its /etc/passwd; give the image a numeric user");
        }
        long uid = number.orElseGet(() -> id(entry.orElseThrow().get(ID_COLUMN)));
        long gid = group.map(this::groupId)
                .orElseGet(() -> entry.map(row -> id(row.get(GROUP_COLUMN))).orElse(0L));
        LongStream further = group.isPresent() || entry.isEmpty()
                ? LongStream.empty()
                : rows(GROUP)
                        .filter(row -> row.size() > MEMBERS_COLUMN
                                && List.of(row.get(MEMBERS_COLUMN).split(","))
                                        .contains(entry.get().getFirst()))
                        .mapToLong(row -> id(row.get(ID_COLUMN)));
        return json(uid, gid, further);
    }

    private long groupId(String group) {
        return number(group).orElseGet(() -> rows(GROUP)
                .filter(row -> row.size() > ID_COLUMN && row.getFirst().equals(group))
                .mapToLong(row -> id(row.get(ID_COLUMN)))
                .findFirst()
                .orElseThrow(() -> new EngineException(
                        Kind.REFUSED,
                        "the group of the image's user \"" + text
                                + "\" is not in its /etc/group; give the image a numeric group")));
    }

    private java.util.stream.Stream<List<String>> rows(String file) {
        return read().getOrDefault(file, "").lines().map(line -> List.of(line.split(":", -1)));
    }

    private long id(String digits) {
        return number(digits)
                .orElseThrow(() -> new EngineException(
                        Kind.REFUSED,
                        "the entry of the image's user \"" + text + "\" in its /etc/passwd or /etc/group has the id \""
                                + digits + "\", which is no number"));
    }

    private static OptionalLong number(String text) {
        return !text.isEmpty() && text.length() <= 10 && text.chars().allMatch(c -> c >= '0' && c <= '9')
                ? OptionalLong.of(Long.parseLong(text))
                : OptionalLong.empty();
    }

    private static JsonObject json(long uid, long gid, LongStream further) {
        JsonArrayBuilder groups = Json.PROVIDER.createArrayBuilder();
        LongStream.concat(LongStream.of(gid), further).distinct().forEach(groups::add);
        return Json.PROVIDER
                .createObjectBuilder()
                .add("uid", uid)
                .add("gid", gid)
                .add("additionalGids", groups)
                .build();
    }
}
