package io.waitdaemon.runtime.nerdctl;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Options of {@code nerdctl create} as they come together, and what of the action no option can say. */
final class Options {

    private final List<String> words = new ArrayList<>();
    private final List<String> losses = new ArrayList<>();

    /** @param option without dashes; the value may begin with one, or be empty */
    Options add(String option, String value) {
        words.add("--" + option + "=" + value);
        return this;
    }

    Options add(String option, long value) {
        return add(option, Long.toString(value));
    }

    Options addAll(String option, List<String> values) {
        values.forEach(value -> add(option, value));
        return this;
    }

    /** @param entries each becomes {@code KEY=value} */
    Options addAll(String option, Map<String, String> entries) {
        entries.forEach((key, value) -> add(option, key + "=" + value));
        return this;
    }

    Options flag(String option) {
        words.add("--" + option);
        return this;
    }

    /** @param what the target does not get, and why where that is not plain: {@code the mount option "noexec" of /data} */
    void lose(String what) {
        losses.add(what);
    }

    List<String> words() {
        return List.copyOf(words);
    }

    List<String> losses() {
        return List.copyOf(losses);
    }
}
